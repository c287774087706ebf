using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Durable;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Http;
using ServerlessLoki.LocalCloud.FunctionsHost.ServiceBus;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using ServerlessLoki.LocalCloud.FunctionsHost.Timers;
using ServerlessLoki.LocalCloud.FunctionsHost.Worker;

namespace ServerlessLoki.LocalCloud.FunctionsHost;

/// <summary>Host of an app: its worker, the Durable engine and its triggers.</summary>
internal sealed partial class LocalHost(HostOptions options, HostFile file, AppSettings settings, WorkerDescription worker, ILoggerFactory logs, TimeProvider time)
{
    /// <summary>Time for running work to end when the host stops.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    /// <summary>Time for the worker to end after that.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly ILogger _logger = logs.CreateLogger<LocalHost>();

    /// <summary>Runs until the token is cancelled; then takes no more work, lets running work end, and ends the worker.</summary>
    /// <param name="ready">Receives the address when all functions can be called.</param>
    /// <param name="stopping">Stops the host.</param>
    /// <exception cref="SettingsException">Bindings have faults.</exception>
    /// <exception cref="InvalidOperationException">The worker fails to start again and again.</exception>
    public async Task RunAsync(Action<Uri> ready, CancellationToken stopping)
    {
        var messages = new HeldMessages();
        var streams = new WorkerStreams(new WorkerLog(logs));
        await using var workerEndpoint = await WorkerEndpoint.StartAsync(streams, messages, logs, stopping);
        var supervisor = new WorkerSupervisor(options.App, worker, workerEndpoint.Address, streams, time, logs.CreateLogger<WorkerSupervisor>());
        var caller = new FunctionCaller(supervisor, file.FunctionTimeout, time);
        await using var http = await HttpEndpoint.StartAsync(options.Port, caller, options.Keys, logs, stopping);
        var durable = new DurableEngine(caller, file, settings, () => DurableWebhook.AddressAt(http.Address, options.Keys), logs, time);
        using var endWorker = new CancellationTokenSource();
        var supervising = supervisor.RunAsync(Grace, endWorker.Token);
        using var abort = new CancellationTokenSource();
        var triggers = Task.CompletedTask;
        try
        {
            await Task.WhenAny(supervisor.Functions, supervising).WaitAsync(stopping);
            if (supervising.IsFaulted)
                await supervising;
            IReadOnlyList<FunctionInfo> functions = [.. (await supervisor.Functions).Where(f => !IsDisabled(f))];
            var polling = Triggers(functions, caller, messages).ToList();
            var webhook = DurableEngine.IsNeededFor(functions) ? new DurableWebhook(options.Keys, await durable.StartAsync(functions, stopping)) : null;
            http.Open(functions.Where(static f => f.Trigger.Is("httpTrigger")), file.RoutePrefix, webhook);
            triggers = Task.WhenAll(polling.Select(run => Task.Run(() => run(stopping, abort.Token), CancellationToken.None)));
            ready(http.Address);
            await Task.WhenAny(supervising, polling.Count > 0 ? triggers : supervising, Task.Delay(Timeout.Infinite, stopping));
            await Task.WhenAll(((Task[])[supervising, triggers]).Where(static t => t.IsFaulted));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped before all was ready.
        }
        finally
        {
            abort.CancelAfter(Drain);
            LogStopping(_logger, Drain);
            await Task.WhenAll(triggers, http.StopAsync(abort.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Requests and messages in hand may start runs and raise events until they have ended.
            await durable.StopAsync(abort.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await endWorker.CancelAsync();
            await supervising.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsDisabled(FunctionInfo function)
    {
        var disabled = settings.IsDisabled(function.Name);
        if (disabled)
            LogDisabled(_logger, function.Name);
        return disabled;
    }

    /// <summary>Lists the triggers' loops, which run until the first token is cancelled, and are aborted by the second.</summary>
    private IEnumerable<Func<CancellationToken, CancellationToken, Task>> Triggers(IReadOnlyList<FunctionInfo> functions, FunctionCaller caller, HeldMessages messages)
    {
        var known = new BindingReader(settings);
        foreach (var function in functions)
        {
            if (known.Schedule(function) is { } schedule)
                yield return new TimerTrigger(function, schedule, caller.CallAsync, Locks(), time, _logger).RunAsync;
            else if (known.Queue(function) is var (connection, queue))
                yield return new QueueTrigger(function, connection, queue, file.ServiceBus, caller, messages, time, _logger).RunAsync;
            else if (!BindingReader.Knows(function))
                LogUnknown(_logger, function.Name, function.Trigger.Type);
        }

        known.ThrowIfFaulty();
    }

    private BlobLocks Locks() => new(
        settings["AzureWebJobsStorage"] ?? throw new SettingsException("AzureWebJobsStorage is not set; timers keep their locks there: set a connection string, for example UseDevelopmentStorage=true"),
        (settings["AzureFunctionsWebHost:hostid"] ?? Path.GetFileNameWithoutExtension(worker.Path ?? worker.Executable)).ToLowerInvariant(), time, logs.CreateLogger<BlobLocks>());

    [LoggerMessage(60, LogLevel.Information, "Stopping: what runs has {Drain} to end")]
    private static partial void LogStopping(ILogger logger, TimeSpan drain);

    [LoggerMessage(61, LogLevel.Information, "Function {Function} is disabled")]
    private static partial void LogDisabled(ILogger logger, string function);

    [LoggerMessage(62, LogLevel.Warning, "Function {Function} never runs here: this host has no {Trigger}")]
    private static partial void LogUnknown(ILogger logger, string function, string trigger);
}
