namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>What a worker serves for another process.</summary>
internal interface IForeignScope
{
    /// <summary>Completes when all that was sent on its behalf has arrived; throws if any of it did not.</summary>
    Task SentAsync();
}
