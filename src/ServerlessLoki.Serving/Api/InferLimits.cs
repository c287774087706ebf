namespace ServerlessLoki.Serving.Api;

/// <summary>What a request may ask for; checked before memory is taken.</summary>
public sealed record InferLimits
{
    /// <summary>Largest request body, bytes. Default 32 MiB; above it 413.</summary>
    public int MaxBodyBytes { get; init; } = 32 << 20;

    /// <summary>Bytes that all requests in hand may hold together; above it 429 before a body is read. Default a quarter of the
    /// memory that the process may use, at most 1 GiB.</summary>
    public long MaxBytesInHand { get; init; } = Math.Min(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Largest tensor after reading, bytes. Default 64 MiB.</summary>
    public int MaxTensorBytes { get; init; } = 64 << 20;

    /// <summary>Most dimensions. Default 8.</summary>
    public int MaxRank { get; init; } = 8;

    /// <summary>Most inputs, and most requested outputs. Default 64.</summary>
    public int MaxTensors { get; init; } = 64;

    /// <summary>Longest name or id, characters. Default 256.</summary>
    public int MaxNameLength { get; init; } = 256;

    /// <summary>Most pixels of an image. Default 16 million.</summary>
    public int MaxPixels { get; init; } = 16_000_000;
}
