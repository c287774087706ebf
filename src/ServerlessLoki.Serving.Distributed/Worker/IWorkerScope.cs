namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Query or direct inference that a worker serves for an ingress.</summary>
internal interface IWorkerScope
{
    /// <summary>Completes when everything sent for the query has arrived; throws if a message did not arrive.</summary>
    Task SentAsync();
}
