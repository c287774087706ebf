namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>The worker process ended while it worked. The Durable engine knows this exception by its name and does the work again.</summary>
internal sealed class WorkerProcessExitException(string message) : Exception(message);
