using ServerlessLoki.Batching;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>All workers of one variant on one device type.</summary>
internal sealed class Pool(int index, Stage stage, Device device, BatchLatency profiled, BatchLatency real, double sigma)
{
    public readonly int Index = index;
    public readonly Stage Stage = stage;
    public readonly Device Device = device;

    /// <summary>Batch latency as profiled.</summary>
    public readonly BatchLatency Profiled = profiled;

    /// <summary>Real batch latency, before slow-down and noise.</summary>
    public readonly BatchLatency Real = real;

    /// <summary>Spread of the batch times, see <see cref="ServiceNoise"/>.</summary>
    public readonly double Sigma = sigma;

    /// <summary>Expected batch latency: the profile scaled by the slow-down seen.</summary>
    public BatchLatency Latency = profiled;
    public double SingleUs = profiled.LatencyUs(1);
    public int MaxBatch = 1;

    /// <summary>Adaptive batch size of the AIMD rule; null under other batching rules.</summary>
    public AimdBatching? Aimd;
    public int WaitBatch = 1;

    /// <summary>What its slots hold beside the variant whose queue they serve; null for most.</summary>
    public Residents? Residents;

    /// <summary>The variant that the next batch runs, where slots hold several; null = its own.</summary>
    public Pool? Runs;
    public bool HasRoute;
    public RouteOption Route;
    public bool IsPlanned;

    /// <summary>True for a standby pool, which stays although the plan sends it nothing.</summary>
    public bool IsStandby;
    public long LastUsedUs;

    /// <summary>Compute time that one queued row stands for on this device, expected children included, nanoseconds.</summary>
    public long RowCostNs;

    /// <summary>Part of <see cref="RowCostNs"/> that comes after this stage, nanoseconds.</summary>
    public long BelowCostNs;
    public int Workers;

    /// <summary>Workers that leave when they are idle and others are left.</summary>
    public int Retiring;
    public int IdleCount;

    /// <summary>Idle workers, last in first out; −1 = none.</summary>
    public int IdleHead = -1;
}
