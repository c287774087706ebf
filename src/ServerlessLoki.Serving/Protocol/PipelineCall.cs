using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>A pipeline's input and what the caller wants back.</summary>
public sealed record PipelineCall
{
    /// <summary>Not owned by this record: hand it to the engine or dispose it.</summary>
    public required QueryInput Input { get; init; }

    /// <summary>Values of the pipeline's parameters, see <see cref="QueryRequest.Arguments"/>.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>Bytes that the input holds.</summary>
    internal long Held { get; init; }

    /// <summary>Most bytes that reading it took, or that its pixels will take, the body included.</summary>
    internal long Most { get; init; }

    /// <summary>The caller's id; null = none.</summary>
    public string? Id { get; init; }

    /// <summary>The caller's bounds.</summary>
    public InferParameters Parameters { get; init; } = new();

    /// <summary>Outputs wanted; null = all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; init; }

    /// <summary>True when outputs that do not say otherwise are wanted as binary data.</summary>
    public bool BinaryOutput { get; init; }
}
