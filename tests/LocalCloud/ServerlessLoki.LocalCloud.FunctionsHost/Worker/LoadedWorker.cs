namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>A worker that has loaded the app's functions.</summary>
/// <param name="Channel">The way to it.</param>
/// <param name="HttpUri">Its HTTP server; null if it has none.</param>
/// <param name="Abort">Ends its process.</param>
internal sealed record LoadedWorker(WorkerChannel Channel, Uri? HttpUri, Action Abort);
