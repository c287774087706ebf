using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Counts of one variant's slots since the start. All members are atomic or thread-safe.</summary>
/// <param name="pipeline">Pipeline name.</param>
/// <param name="task">Task name.</param>
/// <param name="variant">Variant name.</param>
public sealed class VariantMetrics(string pipeline, string task, string variant)
{
    private readonly SortedDictionary<int, BatchSizeStats> _batches = [];
    private long _rows;
    private long _failures;
    private long _failedRows;
    private long _refusedRows;
    private long _nonFiniteRows;
    private long _drops;
    private long _swaps;
    private long _lastInferenceMs;

    /// <summary>Pipeline name.</summary>
    public string Pipeline { get; } = pipeline;

    /// <summary>Task name.</summary>
    public string Task { get; } = task;

    /// <summary>Variant name.</summary>
    public string Variant { get; } = variant;

    /// <summary>Time from enqueue to the start of the batch, per row, microseconds.</summary>
    public Histogram QueueUs { get; internal init; } = new();

    /// <summary>Time for filling the input tensor, per batch, microseconds.</summary>
    public Histogram InputUs { get; internal init; } = new();

    /// <summary>Time of the model's run, per batch, microseconds; its count is the execution count in batches.</summary>
    public Histogram ComputeUs { get; internal init; } = new();

    /// <summary>Time for reading outputs and forwarding children, per batch, microseconds.</summary>
    public Histogram OutputUs { get; internal init; } = new();

    /// <summary>Rows per batch.</summary>
    public Histogram BatchRows { get; internal init; } = new();

    /// <summary>Rows that were computed and handed on.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Batches whose run threw.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Rows that ended at this variant without an answer because of a server fault.</summary>
    public long FailedRows => Interlocked.Read(ref _failedRows);

    /// <summary>Rows that the model cannot compute in any batch: the fault is in the query's data.</summary>
    public long RefusedRows => Interlocked.Read(ref _refusedRows);

    /// <summary>Rows that the model answered with NaN or infinite values.</summary>
    public long NonFiniteRows => Interlocked.Read(ref _nonFiniteRows);

    /// <summary>Rows that ended at this variant without an answer.</summary>
    public long LostRows => FailedRows + RefusedRows + NonFiniteRows + Drops;

    /// <summary>Rows dropped because no path could meet their deadline.</summary>
    public long Drops => Interlocked.Read(ref _drops);

    /// <summary>Number of times that a slot loaded this variant.</summary>
    public long Swaps => Interlocked.Read(ref _swaps);

    /// <summary>Unix time of the last batch, milliseconds; 0 = never.</summary>
    public long LastInferenceMs => Interlocked.Read(ref _lastInferenceMs);

    /// <summary>Total times by rows in the batch, for batch sizes that ran.</summary>
    public ImmutableArray<BatchSizeStats> BatchStats
    {
        get
        {
            lock (_batches)
                return [.. _batches.Values];
        }
    }

    /// <summary>Records one batch that ran.</summary>
    internal void Ran(int rows, long inputUs, long computeUs, long outputUs)
    {
        InputUs.Record(inputUs);
        ComputeUs.Record(computeUs);
        OutputUs.Record(outputUs);
        BatchRows.Record(rows);
        lock (_batches)
        {
            var before = _batches.GetValueOrDefault(rows);
            _batches[rows] = new BatchSizeStats(
                rows, before.Count + 1, before.InputUs + inputUs, before.ComputeUs + computeUs, before.OutputUs + outputUs);
        }
    }

    internal void Served() => Interlocked.Increment(ref _rows);

    internal void Failed() => Interlocked.Increment(ref _failures);

    internal void RowFailed() => Interlocked.Increment(ref _failedRows);

    internal void Refused() => Interlocked.Increment(ref _refusedRows);

    internal void NonFinite() => Interlocked.Increment(ref _nonFiniteRows);

    internal void Dropped() => Interlocked.Increment(ref _drops);

    internal void Swapped() => Interlocked.Increment(ref _swaps);

    internal void Touched(long unixMs) => Interlocked.Exchange(ref _lastInferenceMs, unixMs);
}
