namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>Gives the worker that runs.</summary>
internal interface IWorkers
{
    /// <summary>The worker, once it has loaded the app.</summary>
    Task<LoadedWorker> LoadedAsync(CancellationToken cancellationToken);
}
