namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>A query or direct inference that a worker serves for an ingress.</summary>
internal interface IWorkerScope
{
    /// <summary>Completes when everything sent for it has arrived; throws if a message did not arrive.</summary>
    Task SentAsync();
}
