using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using DurableStatus = Microsoft.DurableTask.Client.OrchestrationRuntimeStatus;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>One turn of an orchestration: the code runs again from its start over the history, then over what is new.</summary>
internal sealed class OrchestrationTurn(InstanceRow instance, FunctionMethod function, ILoggerFactory logs) : TaskOrchestrationContext
{
    private readonly TurnPump _pump = new();
    private readonly SortedDictionary<int, HistoryEvent> _decided = [];
    private readonly Dictionary<int, Action<HistoryEvent>> _open = [];
    private readonly EventInbox _inbox = new();
    private Task<object?>? _main;
    private DateTime _now;
    private bool _isReplaying;
    private int _nextId;
    private int _guids;

    public override TaskName Name => instance.Name;

    public override string InstanceId => instance.Id;

    public override string Version => instance.Version;

    public override DateTime CurrentUtcDateTime => _now;

    public override bool IsReplaying => _isReplaying;

    /// <summary>The status that the code has set; null for none.</summary>
    public string? CustomStatus { get; private set; } = instance.CustomStatus;

    /// <summary>The output, or why it failed or was ended; null while the orchestration goes on.</summary>
    public TurnEnd? End { get; private set; }

    protected override ILoggerFactory LoggerFactory => logs;

    /// <summary>Runs the turn.</summary>
    /// <returns>What the history grows by: the turn's start, what came in, what the code decided.</returns>
    public IReadOnlyList<HistoryEvent> Run(IReadOnlyList<HistoryEvent> history, IReadOnlyList<HistoryEvent> incoming, DateTime now)
    {
        List<HistoryEvent> added = [new(HistoryKind.TurnStarted, now), .. incoming];
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_pump);
        try
        {
            _isReplaying = true;
            foreach (var e in history)
                Process(e);
            CheckNothingNew();
            _isReplaying = false;
            foreach (var e in added)
                Process(e);
            CheckAlive();
            End ??= _main is { IsCompleted: true } ? Ended(_main) : null;
        }
        catch (NonDeterministicException e)
        {
            End = new TurnEnd(DurableStatus.Failed, null, TaskFailureDetails.FromException(e));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        added.AddRange(_decided.Values);
        return added;
    }

    public override T? GetInput<T>()
        where T : default => JsonConverterOfWorker.Instance.Deserialize<T>(instance.Input);

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null) =>
        options?.Retry?.Policy is { } policy
            ? WithRetries(policy, () => Call<TResult>(name, input))
            : Call<TResult>(name, input);

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        var id = Decide(new HistoryEvent(HistoryKind.TimerCreated, fireAt));
        var done = new TaskCompletionSource();
        _open[id] = _ => done.TrySetResult();
        cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        return done.Task;
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        CheckThread();
        return _inbox.WaitAsync<T>(eventName, cancellationToken);
    }

    public override void SetCustomStatus(object? customStatus) => CustomStatus = JsonConverterOfWorker.Instance.Serialize(customStatus);

    public override Guid NewGuid()
    {
        var seed = $"{InstanceId}/{_now.Ticks}/{_guids++}";
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, 16));
    }

    private void Process(HistoryEvent e)
    {
        switch (e.Kind)
        {
            case HistoryKind.TurnStarted:
                CheckNothingNew();
                _now = e.At;
                break;
            case HistoryKind.ExecutionStarted:
                _main = StartAsync();
                break;
            case HistoryKind.TaskScheduled or HistoryKind.TimerCreated:
                Match(e);
                break;
            case HistoryKind.EventRaised:
                _inbox.Deliver(e);
                break;
            case HistoryKind.Terminated:
                End = new TurnEnd(DurableStatus.Terminated, e.Data, null);
                break;
            default:
                if (_open.Remove(e.Id, out var complete))
                    complete(e);
                else if (e.Id >= _nextId)
                    throw new NonDeterministicException($"its history has the result of task #{e.Id}, which this replay has not started.");
                break;
        }

        _pump.Drain();
    }

    private async Task<object?> StartAsync()
    {
        var parameters = function.Method.GetParameters();
        var arguments = parameters.Select(p => p.Position == function.TriggerParameter.Position
            ? this
            : JsonConverterOfWorker.Instance.Deserialize(instance.Input, p.ParameterType)).ToArray();
        var target = function.Method.IsStatic ? null : Activator.CreateInstance(function.Method.DeclaringType!);
        return await FunctionInvoker.ResultAsync(function.Method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null));
    }

    private Task<TResult> Call<TResult>(TaskName name, object? input)
    {
        var id = Decide(new HistoryEvent(HistoryKind.TaskScheduled, default, Name: name.Name, Data: JsonConverterOfWorker.Instance.Serialize(input)));
        var done = new TaskCompletionSource<TResult>();
        _open[id] = e =>
        {
            if (e.Failure is { } failure)
                done.TrySetException(new TaskFailedException(name.Name, id, failure));
            else
                done.TrySetResult(JsonConverterOfWorker.Instance.Deserialize<TResult>(e.Data)!);
        };
        return done.Task;
    }

    private async Task<TResult> WithRetries<TResult>(RetryPolicy policy, Func<Task<TResult>> call)
    {
        var (started, wait) = (_now, policy.FirstRetryInterval);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (TaskFailedException) when (attempt < policy.MaxNumberOfAttempts
                && (policy.RetryTimeout == Timeout.InfiniteTimeSpan || _now - started < policy.RetryTimeout))
            {
            }

            await CreateTimer(wait, CancellationToken.None);
            wait = TimeSpan.FromTicks((long)Math.Min(policy.MaxRetryInterval.Ticks, wait.Ticks * policy.BackoffCoefficient));
        }
    }

    private int Decide(HistoryEvent action)
    {
        CheckThread();
        var id = _nextId++;
        _decided[id] = action with { Id = id };
        return id;
    }

    private void Match(HistoryEvent past)
    {
        if (!_decided.Remove(past.Id, out var now))
            throw new NonDeterministicException($"its history has {Text(past)}, which this replay did not do.");
        if (now.Kind != past.Kind || !string.Equals(now.Name, past.Name, StringComparison.OrdinalIgnoreCase))
            throw new NonDeterministicException($"its history has {Text(past)}, this replay did {Text(now)}.");
    }

    private void CheckNothingNew()
    {
        if (_decided.Count > 0)
            throw new NonDeterministicException($"this replay did {Text(_decided.Values.First())}, which its history does not have.");
    }

    private void CheckAlive()
    {
        if (_pump.WasEntered || (End is null && _main is { IsCompleted: false } && _open.Count == 0 && !_inbox.HasWaiters))
            throw new NonDeterministicException("it awaits something that is not its context's.");
    }

    private void CheckThread()
    {
        if (SynchronizationContext.Current != _pump)
            throw new InvalidOperationException("An orchestrator may use its context only on its own thread: it awaited something that is not its context's.");
    }

    private static TurnEnd Ended(Task<object?> main) => main.IsCompletedSuccessfully
        ? new TurnEnd(DurableStatus.Completed, JsonConverterOfWorker.Instance.Serialize(main.Result), null)
        : new TurnEnd(DurableStatus.Failed, null, TaskFailureDetails.FromException(
            main.Exception?.InnerException is NonDeterministicException e ? e : main.Exception?.InnerException ?? new OperationCanceledException("The orchestrator was cancelled.")));

    private static string Text(HistoryEvent e) => e.Kind == HistoryKind.TimerCreated ? $"timer #{e.Id}" : $"activity #{e.Id} '{e.Name}'";
}
