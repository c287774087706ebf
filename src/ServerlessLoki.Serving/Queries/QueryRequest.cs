using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Query as the ingress hands it to the engine.</summary>
/// <remarks>The engine owns <see cref="Input"/> from the call on and disposes it when the query has ended.</remarks>
public sealed record QueryRequest
{
    /// <summary>Name of the pipeline.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The pipeline's input.</summary>
    public required QueryInput Input { get; init; }

    /// <summary>Inputs of the request's further rows. Each is a query of its own with the same bounds; all are admitted, or none. The
    /// result holds the answers of all rows, in their order; where one row fails, the others are cancelled and the result is that row's.
    /// The engine owns them like <see cref="Input"/>. Default none.</summary>
    public ImmutableArray<QueryInput> Others { get; init; } = [];

    /// <summary>Values of the pipeline's parameters: a text in a <c>BYTES [1]</c> tensor of the parameter's name. Those that are missing have their defaults.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>Id of the caller, returned in the result; null = the engine makes one.</summary>
    public string? Id { get; init; }

    /// <summary>Deadline of the caller, counted from arrival; it replaces the pipeline's SLO, shorter or longer. Null = the SLO.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Part of <see cref="Latency"/> that passed before the query was submitted: a run's deadline counts from its
    /// acceptance.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Time since the request's first byte arrived: deadline, queue time and latency count from there. Null for queries without a
    /// request.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Part of <see cref="Age"/> that had passed when the headers were read: a delay of the host, not of the body's
    /// sender.</summary>
    public TimeSpan AgeAtHeaders { get; init; }

    /// <summary>True when the caller was refused and did not wait as told: callers that wait have precedence.</summary>
    public bool IsTooSoon { get; init; }

    /// <summary>Least acceptable expected accuracy of the answer, 0..1; null = no bound.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>True where the probabilities of all classes are wanted beside each classification's best.</summary>
    public bool WantsProbabilities { get; init; }

    /// <summary>True for a durable run: it is bound by <see cref="Latency"/> or by nothing, and says nothing about how the SLO is kept.</summary>
    public bool IgnoreSlo { get; init; }

    /// <summary>True when the same query was submitted before: its demand was counted then.</summary>
    public bool IsRetry { get; init; }
}
