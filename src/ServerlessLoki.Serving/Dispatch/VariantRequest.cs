namespace ServerlessLoki.Serving.Dispatch;

/// <summary>A direct inference on one variant, outside any pipeline.</summary>
public sealed record VariantRequest
{
    /// <summary>Variant name.</summary>
    public required string Variant { get; init; }

    /// <summary>Rows in each input; at least 1. More than the largest batch is split.</summary>
    public required int Rows { get; init; }

    /// <summary>Each input's bytes, in the order of the model's inputs, row-major, first dimension = <see cref="Rows"/>.
    /// Read until the result is there; owned by the caller.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Inputs { get; init; }

    /// <summary>Deadline counted from arrival; null = 60 s.</summary>
    public TimeSpan? Latency { get; init; }
}
