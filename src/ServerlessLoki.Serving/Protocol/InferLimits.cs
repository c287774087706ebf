namespace ServerlessLoki.Serving.Protocol;

/// <summary>What a request may ask for; checked before memory is taken.</summary>
public sealed record InferLimits
{
    /// <summary>Largest request body, bytes. Default 32 MiB; above it 413.</summary>
    public int MaxBodyBytes { get; init; } = 32 << 20;

    /// <summary>Bytes that all requests in hand may hold together, counted as they arrive; above it 429 for the upload that has held most
    /// for longest, else for the newcomer. One key and one connection hold at most a quarter of it. Default a quarter of the memory that
    /// the process may use, at most 1 GiB.</summary>
    public long MaxBytesInHand { get; init; } = Math.Min(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Least rate of an upload, bytes per second on average from its first byte on; slower ones are answered 408. It bounds the time
    /// of an upload by its size. 0 = none. Default 16 KiB/s. Kept by the embedded host; elsewhere the front keeps its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0.</exception>
    public int MinUploadRate
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(MinUploadRate)} is {value}, allowed: 0 and more.");
    } = 16 << 10;

    /// <summary>Time that an upload has before <see cref="MinUploadRate"/> counts; above one second. Default 5 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One second or less: the web server looks once a second.</exception>
    public TimeSpan UploadGrace
    {
        get;
        init => field = value > TimeSpan.FromSeconds(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(UploadGrace)} is {value}, allowed: more than one second.");
    } = TimeSpan.FromSeconds(5);

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
