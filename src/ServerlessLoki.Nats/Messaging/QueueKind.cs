namespace ServerlessLoki.Nats.Messaging;

/// <summary>Kind of a stage queue: each stage has one of both.</summary>
internal enum QueueKind
{
    /// <summary>In the server's memory, for queries: what a restart of the server loses is answered at its deadline.</summary>
    Express,

    /// <summary>On the server's disk, for runs.</summary>
    Durable,
}
