using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>Supervisor that keeps one worker process running: starts it, lets it load the app, and starts another when it ends.</summary>
internal sealed partial class WorkerSupervisor(string app, WorkerDescription description, Uri endpoint, WorkerStreams streams, TimeProvider time, ILogger logger) : IWorkers
{
    /// <summary>Failed starts in a row after which the host gives up, as the real host does.</summary>
    private const int MostFailures = 3;
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private readonly Lock _gate = new();
    private TaskCompletionSource<LoadedWorker> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IReadOnlyList<FunctionInfo>> _functions = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Functions of the app, once a worker has loaded them.</summary>
    public Task<IReadOnlyList<FunctionInfo>> Functions => _functions.Task;

    public Task<LoadedWorker> LoadedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _loaded.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Runs workers until the token is cancelled; then asks the last one to end and waits for that, or kills it after the grace time.</summary>
    /// <param name="grace">Time for the worker to end.</param>
    /// <param name="stopping">Stops the supervision.</param>
    /// <exception cref="InvalidOperationException">Workers fail to start.</exception>
    public async Task RunAsync(TimeSpan grace, CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var hadLoaded = await RunOneAsync(grace, stopping);
            if (stopping.IsCancellationRequested)
                return;
            failures = hadLoaded ? 0 : failures + 1;
            if (failures == MostFailures)
                throw new InvalidOperationException($"The worker failed to start {MostFailures} times in a row; see its log lines above.");
            var pause = LeastPause * Math.Pow(2, failures);
            LogAgain(logger, pause);
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> RunOneAsync(TimeSpan grace, CancellationToken stopping)
    {
        var id = Guid.NewGuid().ToString();
        var calling = streams.Expect(id);
        using var process = WorkerProcess.Start(app, description, id, endpoint, logger);
        var exit = process.WaitForExitAsync(CancellationToken.None);
        LogStarted(logger, process.Id);
        var loaded = false;
        WorkerChannel? channel = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(StartWithin);
            await Task.WhenAny(calling, exit).WaitAsync(limit.Token);
            if (calling.IsCompletedSuccessfully)
            {
                channel = await calling;
                var worker = await LoadAsync(channel, process, limit.Token);
                loaded = true;
                lock (_gate)
                    _loaded.TrySetResult(worker);
                await Task.WhenAny(exit, channel.HungUp).WaitAsync(stopping);
                Unload();
            }

            // A worker that has hung up is on its way out.
            await exit.WaitAsync(grace, time, stopping);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogFailed(logger, process.Id, exception.Message);
            process.Kill();
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process, channel, exit, grace);
        }
        finally
        {
            streams.Forget(id);
            Unload();
        }

        await exit;
        if (!stopping.IsCancellationRequested)
            LogEnded(logger, process.Ending);
        return loaded;
    }

    /// <summary>Unloads the worker: later calls wait for the next one.</summary>
    private void Unload()
    {
        lock (_gate)
        {
            if (_loaded.Task.IsCompleted)
                _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task<LoadedWorker> LoadAsync(WorkerChannel channel, WorkerProcess process, CancellationToken cancellationToken)
    {
        var init = (await channel.AskAsync(
            new StreamingMessage { WorkerInitRequest = new WorkerInitRequest { HostVersion = "4.0.0", WorkerDirectory = app, FunctionAppDirectory = app } }, cancellationToken)).WorkerInitResponse;
        Check(init.Result, "did not initialize");
        var metadata = (await channel.AskAsync(
            new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = app } }, cancellationToken)).FunctionMetadataResponse;
        Check(metadata.Result, "did not name its functions");
        var functions = metadata.FunctionMetadataResults.Select(static m => new FunctionInfo(m)).ToList();
        foreach (var function in functions)
        {
            var load = new FunctionLoadRequest { FunctionId = function.Metadata.FunctionId, Metadata = function.Metadata };
            Check((await channel.AskAsync(new StreamingMessage { FunctionLoadRequest = load }, cancellationToken)).FunctionLoadResponse.Result, $"did not load function '{function.Name}'");
        }

        var http = init.Capabilities.TryGetValue("HttpUri", out var uri) ? new Uri(uri) : null;
        if (http is not null)
            await ListensAsync(http, cancellationToken);
        LogLoaded(logger, process.Id, functions.Count);
        _functions.TrySetResult(functions);
        return new LoadedWorker(channel, http, process.Kill);
    }

    /// <summary>Waits until the worker's HTTP server listens, since functions are loaded before.</summary>
    private async Task ListensAsync(Uri http, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(http.Host, http.Port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Look, time, cancellationToken);
            }
        }
    }

    private static void Check(StatusResult result, string what)
    {
        if (result.Status != StatusResult.Types.Status.Success)
            throw new InvalidOperationException($"The worker {what}: {result.Exception?.Message ?? result.Result}");
    }

    private async Task EndAsync(WorkerProcess process, WorkerChannel? channel, Task exit, TimeSpan grace)
    {
        channel?.Terminate(grace);
        try
        {
            await exit.WaitAsync(channel is null ? TimeSpan.Zero : grace, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogKilled(logger, process.Id, grace);
            process.Kill();
        }
    }

    [LoggerMessage(10, LogLevel.Information, "Worker process {Process} starts")]
    private static partial void LogStarted(ILogger logger, int process);

    [LoggerMessage(11, LogLevel.Information, "Worker process {Process} has loaded {Functions} functions")]
    private static partial void LogLoaded(ILogger logger, int process, int functions);

    [LoggerMessage(12, LogLevel.Error, "Worker process {Process} failed: {Cause}")]
    private static partial void LogFailed(ILogger logger, int process, string cause);

    [LoggerMessage(13, LogLevel.Warning, "The worker is gone: {Ending}")]
    private static partial void LogEnded(ILogger logger, string ending);

    [LoggerMessage(14, LogLevel.Warning, "The worker is started again in {Pause}")]
    private static partial void LogAgain(ILogger logger, TimeSpan pause);

    [LoggerMessage(15, LogLevel.Warning, "Worker process {Process} did not end within {Grace} and is killed")]
    private static partial void LogKilled(ILogger logger, int process, TimeSpan grace);
}
