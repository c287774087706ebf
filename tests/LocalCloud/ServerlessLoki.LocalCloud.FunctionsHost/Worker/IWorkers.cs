namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>Source of the running worker.</summary>
internal interface IWorkers
{
    /// <summary>Returns the worker, once it has loaded the app.</summary>
    Task<LoadedWorker> LoadedAsync(CancellationToken cancellationToken);
}
