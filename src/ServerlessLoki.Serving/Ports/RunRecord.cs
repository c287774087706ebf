namespace ServerlessLoki.Serving.Ports;

/// <summary>Durable run of a pipeline.</summary>
public sealed record RunRecord
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Pipeline name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>State of the run.</summary>
    public required RunState State { get; init; }

    /// <summary>Token of the run's input in <see cref="IPayloadStore"/>.</summary>
    public required string Payload { get; init; }

    /// <summary>The request's parameters (deadline, accuracy bound, content type), JSON.</summary>
    public required string Parameters { get; init; }

    /// <summary>Result or error body, JSON; null until it has ended.</summary>
    public string? Result { get; init; }

    /// <summary>Time of acceptance.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Time of the end; null until then.</summary>
    public DateTimeOffset? Ended { get; init; }
}

/// <summary>State of a run.</summary>
public enum RunState
{
    /// <summary>The run is accepted and has not ended: it waits or runs.</summary>
    Accepted,

    /// <summary>The run ended with a result.</summary>
    Completed,

    /// <summary>The run ended with an error.</summary>
    Failed,

    /// <summary>The run was ended by its caller.</summary>
    Cancelled,
}

/// <summary>Page of runs.</summary>
/// <param name="Runs">Runs of the page, newest first.</param>
/// <param name="Next">Value to pass to the next call; null on the last page.</param>
public sealed record RunPage(IReadOnlyList<RunRecord> Runs, string? Next);
