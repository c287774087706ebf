namespace ServerlessLoki.Serving.Ports;

/// <summary>A durable run of a pipeline.</summary>
public sealed record RunRecord
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Pipeline name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Where it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>Token of its input in <see cref="IPayloadStore"/>.</summary>
    public required string Payload { get; init; }

    /// <summary>The request's parameters (deadline, accuracy bound, content type), JSON.</summary>
    public required string Parameters { get; init; }

    /// <summary>Result or error body, JSON; null until it has ended.</summary>
    public string? Result { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it ended; null until then.</summary>
    public DateTimeOffset? Ended { get; init; }
}

/// <summary>Where a run stands.</summary>
public enum RunState
{
    /// <summary>Accepted, not ended: waiting or running.</summary>
    Accepted,

    /// <summary>Ended with a result.</summary>
    Completed,

    /// <summary>Ended with an error.</summary>
    Failed,

    /// <summary>Ended by its caller.</summary>
    Cancelled,
}

/// <summary>One page of runs.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="Next">Give it to the next call; null on the last page.</param>
public sealed record RunPage(IReadOnlyList<RunRecord> Runs, string? Next);
