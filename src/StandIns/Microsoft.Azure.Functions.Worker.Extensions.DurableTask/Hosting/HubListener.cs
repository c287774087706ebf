using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Runs the turns that are due, one after the other, and activities beside them.</summary>
internal sealed partial class HubListener(
    TaskHub hub, IReadOnlyList<FunctionMethod> functions, FunctionInvoker invoker, TimeProvider time, ILoggerFactory logs) : BackgroundService
{
    private const int Concurrency = 32;
    private readonly ILogger _logger = logs.CreateLogger<HubListener>();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _room = new(Concurrency);
    private readonly ConcurrentDictionary<long, Task> _running = new();

    public override void Dispose()
    {
        base.Dispose();
        _room.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        hub.Changed += OnChanged;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                foreach (var instance in hub.Due(Now))
                    Turn(instance);
                foreach (var activity in hub.Activities().Where(a => !_running.ContainsKey(a.Key)))
                    _running[activity.Key] = RunAsync(activity, stoppingToken);
                await WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            hub.Changed -= OnChanged;
            await Task.WhenAll(_running.Values);
        }
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private void OnChanged() => _changed.Writer.TryWrite(true);

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        var wait = hub.NextDue() - Now;
        if (wait <= TimeSpan.Zero)
            return;
        using var due = wait is { } t ? new CancellationTokenSource(t < TimeSpan.FromDays(1) ? t : TimeSpan.FromDays(1), time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, due.Token);
        try
        {
            await _changed.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Something became due.
        }
    }

    private void Turn(string id)
    {
        if (hub.Find(id) is not { HasEnded: false } row)
            return;
        var now = Now;
        var (history, incoming) = hub.Load(id, now);
        if (Find<OrchestrationTriggerAttribute>(row.Name, t => t.Orchestration) is not { } function)
        {
            var failure = new TaskFailureDetails(nameof(InvalidOperationException), $"This app has no orchestrator '{row.Name}'.", null, null, null);
            hub.Commit(row with { Status = OrchestrationRuntimeStatus.Failed, Updated = now, Failure = failure }, history.Count, [], incoming.Select(i => i.Key));
            return;
        }

        var turn = new OrchestrationTurn(row, function, logs);
        var added = turn.Run(history, [.. incoming.Select(i => i.Event)], now);
        if (turn.End is { Failure: { } cause })
            LogFailed(_logger, row.Name, id, cause.ToString());
        hub.Commit(
            row with
            {
                Status = turn.End?.Status ?? OrchestrationRuntimeStatus.Running,
                Updated = now,
                CustomStatus = turn.CustomStatus,
                Output = turn.End?.Output,
                Failure = turn.End?.Failure,
            },
            history.Count, added, incoming.Select(i => i.Key));
    }

    private async Task RunAsync(ActivityRow activity, CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await _room.WaitAsync(stoppingToken);
            try
            {
                await ExecuteAsync(activity, stoppingToken);
            }
            finally
            {
                _room.Release();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It is still in the hub: the next host runs it again.
        }
        catch (Exception e)
        {
            LogActivityLost(_logger, activity.Name, activity.Instance, e);
        }
        finally
        {
            _running.TryRemove(activity.Key, out _);
        }
    }

    private async Task ExecuteAsync(ActivityRow activity, CancellationToken stoppingToken)
    {
        HistoryEvent result;
        try
        {
            var function = Find<ActivityTriggerAttribute>(activity.Name, t => t.Activity)
                ?? throw new InvalidOperationException($"This app has no activity '{activity.Name}'.");
            var input = JsonConverterOfWorker.Instance.Deserialize(activity.Input, function.TriggerParameter.ParameterType);
            var output = await invoker.InvokeAsync(function, input, new Dictionary<string, object?>(StringComparer.Ordinal) { ["instanceId"] = activity.Instance }, stoppingToken);
            result = new HistoryEvent(HistoryKind.TaskCompleted, Now, activity.Id, activity.Name, JsonConverterOfWorker.Instance.Serialize(output));
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            result = new HistoryEvent(HistoryKind.TaskFailed, Now, activity.Id, activity.Name, Failure: TaskFailureDetails.FromException(e));
        }

        hub.Complete(activity, result);
    }

    private FunctionMethod? Find<T>(string name, Func<T, string?> named)
        where T : Attribute =>
        functions.FirstOrDefault(f => f.Trigger is T trigger && string.Equals(named(trigger) ?? f.Name, name, StringComparison.OrdinalIgnoreCase));

    [LoggerMessage(1, LogLevel.Error, "Orchestration {Name} {Instance} failed: {Cause}")]
    private static partial void LogFailed(ILogger logger, string name, string instance, string cause);

    [LoggerMessage(2, LogLevel.Error, "The result of activity {Name} of {Instance} was not stored; it runs again")]
    private static partial void LogActivityLost(ILogger logger, string name, string instance, Exception exception);
}
