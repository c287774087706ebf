using ServerlessLoki.Batching;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Slots;

/// <summary>All workers of one variant on one device, and the queue they share. Guarded by the <see cref="ComputeDevice"/>.</summary>
internal sealed class VariantPool(VariantId id, StageKey key, VariantMetrics metrics)
{
    private BatchLatency? _profiledLatency;
    private long? _waitingSinceUs;
    private long _lastUsedUs;

    /// <summary>Value of <see cref="LastUsedUs"/> once the workers have left.</summary>
    private const long Left = long.MinValue;

    public VariantId Id { get; } = id;

    public StageKey Key { get; } = key;

    public VariantMetrics Metrics { get; } = metrics;

    /// <summary>Accuracy of the variant, above 0 up to 1.</summary>
    public double Accuracy { get; init; } = 1;

    public IStageReceiver Receiver { get; set; } = null!;

    public List<Worker> Workers { get; } = [];

    public IdleWorkers Idle { get; } = new();

    /// <summary>Largest batch, rows.</summary>
    public int MaxBatch
    {
        get;
        set
        {
            field = value;
            Receiver?.Expect(value);
        }
    } = 1;

    /// <summary>Batch worth waiting for under the planned load; 1 = run at once.</summary>
    public int WaitBatch { get; set; } = 1;

    /// <summary>Expected batch latency on the machine at present: the profile scaled by the slow-down.</summary>
    public required BatchLatency Latency { get; set; }

    /// <summary>What its slots hold beside its variant; null for most.</summary>
    public PoolResidents? Residents { get; set; }

    /// <summary>The variant that the next batch runs, where slots hold several; null = its own.</summary>
    public VariantPool? Runs { get; private set; }

    /// <summary>The fastest single run, microseconds.</summary>
    public double SingleUs => Residents?.SingleUs ?? Latency.LatencyUs(1);

    /// <summary>Batch latency as profiled.</summary>
    public required BatchLatency ProfiledLatency
    {
        get => Volatile.Read(ref _profiledLatency)!;
        set => Volatile.Write(ref _profiledLatency, value);
    }

    /// <summary>Route of the variant in the plan in force; null for direct inference outside the plan.</summary>
    public RouteOption? Route { get; set; }

    /// <summary>Compute time that one queued row stands for, its expected children included, nanoseconds.</summary>
    public long RowCostNs { get; set; }

    /// <summary>Part of <see cref="RowCostNs"/> that comes after this stage, nanoseconds.</summary>
    public long BelowCostNs { get; set; }

    /// <summary>True while the plan has a place for the variant; else the pool only empties its queue.</summary>
    public bool IsPlanned { get; set; }

    /// <summary>True for a standby pool, which stays loaded although the plan sends it nothing.</summary>
    public bool IsStandby { get; set; }

    /// <summary>True for a pool loaded for direct inference outside the plan; retired when unused for a while.</summary>
    public bool IsOnDemand { get; set; }

    /// <summary>When it was last asked for. Read and written without the lock too.</summary>
    public long LastUsedUs
    {
        get => Volatile.Read(ref _lastUsedUs);
        set => Volatile.Write(ref _lastUsedUs, value);
    }

    /// <summary>Record of whether the variant's recent answers were valid numbers.</summary>
    public OutputHealth Outputs { get; } = new();

    /// <summary>Reason why the last attempt to replace a lost worker failed; null while none did. Used by the slot manager only.</summary>
    public string? LoadFault { get; set; }

    /// <summary>Time when a lost worker may be replaced again after a <see cref="LoadFault"/>, microseconds.</summary>
    public long LoadAgainUs { get; set; }

    /// <summary>Counts a use and returns whether workers are there to stay. Takes no lock: of a use and a <see cref="Leave"/> at once,
    /// exactly one succeeds.</summary>
    public bool Use(long nowUs)
    {
        for (var seen = LastUsedUs; seen != Left;)
        {
            var was = Interlocked.CompareExchange(ref _lastUsedUs, nowUs, seen);
            if (was == seen)
                return Workers.Count > 0 && (IsPlanned || IsOnDemand || IsStandby);
            seen = was;
        }

        return false;
    }

    /// <summary>Takes all workers out for good; returns null, and changes nothing, if the pool was used since <paramref name="usedUs"/>.</summary>
    public List<Worker>? Leave(long usedUs)
    {
        if (Interlocked.CompareExchange(ref _lastUsedUs, Left, usedUs) != usedUs)
            return null;
        List<Worker> leaving = [.. Workers];
        Workers.Clear();
        Idle.Clear();
        return leaving;
    }

    /// <summary>When the head's batch should have ended here, given what the stages below need.</summary>
    public long LatestFinishUs(long headUs, long nowUs) =>
        Route is { } route ? StageBudgets.LatestFinishUs(route, headUs, nowUs) : headUs;

    /// <summary>Returns the rows to run now, or 0 to wait until <paramref name="wakeUs"/>.</summary>
    public int RowsToRun(long nowUs, long latestFinishUs, out long wakeUs)
    {
        Runs = null;
        if (Residents is null)
            return PoolBatching.RowsToRun(Receiver.Count, nowUs, latestFinishUs, WaitBatch, MaxBatch, Latency, ref _waitingSinceUs, out wakeUs);
        wakeUs = long.MaxValue;
        (Runs, var rows) = Residents.Decide(this, nowUs, latestFinishUs);
        return rows;
    }
}
