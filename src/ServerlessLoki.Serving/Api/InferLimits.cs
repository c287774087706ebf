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

    /// <summary>Longest deadline that can be written in a request: one day.</summary>
    internal static readonly TimeSpan LongestDeadline = TimeSpan.FromMilliseconds(InferParameters.MaxLatencyMs);

    /// <summary>Longest deadline that an inference may ask for; above it 400. Default 10 minutes; above 0, at most one day. Runs may ask for a
    /// day whatever this says.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Other values.</exception>
    public TimeSpan MaxDeadline
    {
        get;
        init => field = value > TimeSpan.Zero && value <= LongestDeadline
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(MaxDeadline)} is {value}, allowed: above 0 and at most {LongestDeadline}.");
    } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time that an inference waits for its answer: longer deadlines are cut to it. Null, the default, = as long as is asked
    /// for; for hosts behind a front that closes a request after a while.</summary>
    public TimeSpan? MostWait { get; init; }
}
