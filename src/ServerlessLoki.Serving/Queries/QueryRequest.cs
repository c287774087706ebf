using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Queries;

/// <summary>One query as the ingress hands it to the engine.</summary>
/// <remarks>The engine owns <see cref="Input"/> from the call on and disposes it when the query has ended.</remarks>
public sealed record QueryRequest
{
    /// <summary>Name of the pipeline.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The pipeline's input.</summary>
    public required QueryInput Input { get; init; }

    /// <summary>Values of the pipeline's parameters: a text in a <c>BYTES [1]</c> tensor of the parameter's name. Those that are missing have their defaults.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>The caller's id, given back in the result; null = one is made.</summary>
    public string? Id { get; init; }

    /// <summary>The caller's own deadline, counted from arrival; it stands in place of the pipeline's SLO, shorter or longer. Null = the SLO.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>How much of <see cref="Latency"/> passed before the query came here: a run's deadline counts from its acceptance.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>How long ago the request's first byte arrived: deadline, queue time and latency count from there. Null where no request is behind it.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>The part of <see cref="Age"/> that had passed when the headers were read: the host was late, and not the sender of the body.</summary>
    public TimeSpan AgeAtHeaders { get; init; }

    /// <summary>True when its caller was refused and did not wait as told: those that wait have a place before it.</summary>
    public bool IsTooSoon { get; init; }

    /// <summary>Least acceptable expected accuracy of the answer, 0..1; null = whatever the plan gives.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>True for a durable run: it is bound by <see cref="Latency"/> or by nothing, and says nothing about how the SLO is kept.</summary>
    public bool IgnoreSlo { get; init; }

    /// <summary>True when the same query was submitted before and comes again: its demand was counted then.</summary>
    public bool IsRetry { get; init; }
}
