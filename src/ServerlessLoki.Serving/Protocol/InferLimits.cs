using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Limits of requests; checked before memory is allocated.</summary>
public sealed record InferLimits
{
    /// <summary>Largest request body, bytes. Default 32 MiB; at least 1; above it 413.</summary>
    public int MaxBodyBytes { get; init; } = 32 << 20;

    /// <summary>Most bytes that all running requests may hold together, counted as they arrive. Above it the upload that has held most for
    /// longest is answered 429, else the new request. One key and one connection hold at most a quarter. Default a quarter of the memory
    /// that the process may use, at most 1 GiB; at least 1.</summary>
    public long MaxBytesInHand { get; init; } = Math.Min(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Least rate of an upload, bytes per second on average from its first byte on; slower uploads are answered 408. It limits the
    /// time of an upload by its size. 0 = no limit. Default 16 KiB/s. Applied by the embedded host; elsewhere the front end has its own
    /// limit.</summary>
    public int MinUploadRate { get; init; } = 16 << 10;

    /// <summary>Time before <see cref="MinUploadRate"/> applies to an upload; above one second, since the web server checks once a second,
    /// and at most a day. Default 5 s.</summary>
    public TimeSpan UploadGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest tensor after parsing, bytes. Default 64 MiB; at least 1.</summary>
    public int MaxTensorBytes { get; init; } = 64 << 20;

    /// <summary>Most rows that a request brings to a pipeline: each is a query. Default 256; 1 to 65,536; above it 413. A request with more
    /// rows than <see cref="EngineOptions.MaxPending"/> is refused with 422.</summary>
    public int MaxRows { get; init; } = 256;

    /// <summary>Most dimensions of a tensor. Default 8; 1 to 64.</summary>
    public int MaxRank { get; init; } = 8;

    /// <summary>Most inputs, and most requested outputs. Default 64; 1 to 65,536.</summary>
    public int MaxTensors { get; init; } = 64;

    /// <summary>Longest name or id, characters. Default 256; 1 to 65,536.</summary>
    public int MaxNameLength { get; init; } = 256;

    /// <summary>Most pixels of an image. Default 16 million; 1 to 67,108,864 (8,192 × 8,192).</summary>
    public int MaxPixels { get; init; } = 16_000_000;

    /// <summary>Longest deadline that can be written in a request: one day.</summary>
    internal static readonly TimeSpan LongestDeadline = TimeSpan.FromMilliseconds(InferParameters.MaxLatencyMs);

    /// <summary>Longest deadline that an inference may ask for; above it 400. Default 10 minutes; above 0, at most one day. Runs may ask
    /// for a day regardless of this limit.</summary>
    public TimeSpan MaxDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time that an inference waits for its answer: longer deadlines are cut to it. Null, the default, = no limit. For
    /// hosts behind a front end that closes a request after some time. Above 0.</summary>
    public TimeSpan? MostWait { get; init; }

    /// <summary>Lists all limits that are out of bounds.</summary>
    /// <param name="path">Place of these limits in larger options.</param>
    public IReadOnlyList<Fault> Faults(string path = "")
    {
        var check = new OptionCheck(path);
        check.Within(MaxBodyBytes, 1, Array.MaxLength);
        check.AtLeast(MaxBytesInHand, 1);
        check.AtLeast(MinUploadRate, 0);
        check.Require(UploadGrace > TimeSpan.FromSeconds(1) && UploadGrace <= TimeSpan.FromDays(1), UploadGrace, "above 00:00:01 up to a day", nameof(UploadGrace));
        check.Within(MaxTensorBytes, 1, Array.MaxLength);
        check.Within(MaxRows, 1, 65_536);
        check.Within(MaxRank, 1, 64);
        check.Within(MaxTensors, 1, 65_536);
        check.Within(MaxNameLength, 1, 65_536);
        check.Within(MaxPixels, 1, ImageLimits.Default.MaxWidth * ImageLimits.Default.MaxHeight);
        check.Require(MaxDeadline > TimeSpan.Zero && MaxDeadline <= LongestDeadline, MaxDeadline, $"above 0 up to {LongestDeadline}", nameof(MaxDeadline));
        check.Require(MostWait is not { } wait || wait > TimeSpan.Zero, MostWait, "above 0, or null", nameof(MostWait));
        return check.Faults;
    }
}
