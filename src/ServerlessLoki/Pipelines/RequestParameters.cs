using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Parameters that a request's body or URL gives a meaning of its own: a pipeline declares none of these names.</summary>
public static class RequestParameters
{
    /// <summary>Longest wait for the answer, microseconds.</summary>
    public const string Timeout = "timeout";

    /// <summary>Longest wait for the answer, milliseconds.</summary>
    public const string LatencyMs = "latency_ms";

    /// <summary>Least expected accuracy.</summary>
    public const string MinAccuracy = "min_accuracy";

    /// <summary>Triton's priority.</summary>
    public const string Priority = "priority";

    /// <summary>True where the probabilities of all classes are wanted.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>True where outputs are wanted as binary data.</summary>
    public const string BinaryOutput = "binary_data_output";

    /// <summary>Names that URLs carry for others: the pipeline of a run, and the keys of the Functions host.</summary>
    public static ImmutableArray<string> OfUrl { get; } = ["pipeline", "code", "clientId"];

    /// <summary>All of them.</summary>
    public static ImmutableArray<string> Taken { get; } = [Timeout, LatencyMs, MinAccuracy, Priority, Probabilities, BinaryOutput, .. OfUrl];
}
