using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Input of a pipeline with the caller's settings for the answer.</summary>
public sealed record PipelineCall
{
    /// <summary>Input of the query. This record does not own it: hand it to the engine or dispose it.</summary>
    public required QueryInput Input { get; init; }

    /// <summary>Values of the pipeline's parameters, see <see cref="QueryRequest.Arguments"/>.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>Bytes that the input holds.</summary>
    internal long Held { get; init; }

    /// <summary>Most bytes that parsing took, or that the image's pixels will take, the body included.</summary>
    internal long Most { get; init; }

    /// <summary>Id of the caller; null = none.</summary>
    public string? Id { get; init; }

    /// <summary>Bounds of the caller.</summary>
    public InferParameters Parameters { get; init; } = new();

    /// <summary>Requested outputs; null = all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; init; }

    /// <summary>True where the probabilities of all classes are wanted.</summary>
    public bool WantsProbabilities { get; init; }

    /// <summary>True when outputs that do not say otherwise are wanted as binary data.</summary>
    public bool BinaryOutput { get; init; }
}
