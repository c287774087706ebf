namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>Worker that has loaded the app's functions.</summary>
/// <param name="Channel">Channel to the worker.</param>
/// <param name="HttpUri">Address of the worker's HTTP server; null if it has none.</param>
/// <param name="Abort">Ends the worker's process.</param>
internal sealed record LoadedWorker(WorkerChannel Channel, Uri? HttpUri, Action Abort);
