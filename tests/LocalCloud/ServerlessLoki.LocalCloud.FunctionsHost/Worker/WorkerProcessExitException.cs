namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>The worker process ended while it worked. The Durable engine recognises this exception by its name and retries the
/// work.</summary>
internal sealed class WorkerProcessExitException(string message) : Exception(message);
