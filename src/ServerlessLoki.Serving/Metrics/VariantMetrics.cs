namespace ServerlessLoki.Serving.Metrics;

/// <summary>What one variant's slots did since the start. All members are atomic or thread-safe.</summary>
/// <param name="pipeline">Pipeline name.</param>
/// <param name="task">Task name.</param>
/// <param name="variant">Variant name.</param>
public sealed class VariantMetrics(string pipeline, string task, string variant)
{
    private long _failures;
    private long _drops;
    private long _swaps;
    private long _lastInferenceMs;

    /// <summary>Pipeline name.</summary>
    public string Pipeline { get; } = pipeline;

    /// <summary>Task name.</summary>
    public string Task { get; } = task;

    /// <summary>Variant name.</summary>
    public string Variant { get; } = variant;

    /// <summary>Time from enqueue to the start of the batch, per row, microseconds; its count is the inference count in rows.</summary>
    public Histogram QueueUs { get; } = new();

    /// <summary>Filling the input tensor, per batch, microseconds.</summary>
    public Histogram InputUs { get; } = new();

    /// <summary>The model's run, per batch, microseconds; its count is the execution count in batches.</summary>
    public Histogram ComputeUs { get; } = new();

    /// <summary>Reading outputs and forwarding children, per batch, microseconds.</summary>
    public Histogram OutputUs { get; } = new();

    /// <summary>Rows per batch.</summary>
    public Histogram BatchRows { get; } = new();

    /// <summary>Batches whose run threw.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Rows dropped because no path could make their deadline.</summary>
    public long Drops => Interlocked.Read(ref _drops);

    /// <summary>Times a slot loaded this variant.</summary>
    public long Swaps => Interlocked.Read(ref _swaps);

    /// <summary>Unix time of the last batch, milliseconds; 0 = never.</summary>
    public long LastInferenceMs => Interlocked.Read(ref _lastInferenceMs);

    internal void Failed() => Interlocked.Increment(ref _failures);

    internal void Dropped() => Interlocked.Increment(ref _drops);

    internal void Swapped() => Interlocked.Increment(ref _swaps);

    internal void Touched(long unixMs) => Interlocked.Exchange(ref _lastInferenceMs, unixMs);
}
