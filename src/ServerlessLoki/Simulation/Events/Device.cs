using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Kind of device: its slots, and the compute threads that limit how many batches run at once.</summary>
internal sealed class Device(int index, string name, int threads, Slot[] slots, double pricePerHour)
{
    public readonly int Index = index;
    public readonly string Name = name;
    public readonly int Threads = threads;
    public readonly Slot[] Slots = slots;
    public readonly double PricePerHour = pricePerHour;

    /// <summary>True where slots take turns, because there are fewer threads than slots.</summary>
    public readonly bool IsShared = threads < slots.Length;
    public readonly List<Pool> Pools = [];
    public int FreeThreads = threads;

    /// <summary>True if free threads must look at all pools: a pool may have found no free thread, or several pools may have
    /// work.</summary>
    public bool IsStarved;

    /// <summary>Compute time of all waiting work, nanoseconds.</summary>
    public long WorkNs;
    public TimeIntegral Busy;

    /// <summary>Ratio of actual to expected batch times.</summary>
    public readonly Drift Drift = new();
}

/// <summary>Place where one variant runs.</summary>
internal sealed class Slot
{
    /// <summary>What the slot is assigned to hold; null = free.</summary>
    public SlotContent? Assigned;

    /// <summary>Worker that serves the slot; −1 when free, lost or down.</summary>
    public int Worker = -1;

    /// <summary>Failures of the slot that have not ended: a slot may fail again while it is down.</summary>
    public int Failures;

    public bool IsDown => Failures > 0;
}

/// <summary>Worker: one slot's period of running one variant.</summary>
internal sealed class Worker
{
    public Pool Pool = null!;

    /// <summary>The variant that its batch runs.</summary>
    public Pool Runs = null!;
    public Slot? Slot;
    public bool IsBusy;
    public bool IsRetiring;

    /// <summary>True for a standby worker, which takes no slot and costs nothing.</summary>
    public bool IsBeside;

    /// <summary>Number of the current batch, its start time and its expected time.</summary>
    public long Batch;
    public long StartedUs;
    public double ExpectedUs;
    public int Rows;

    /// <summary>First of the linked rows that the worker is processing; −1 = none.</summary>
    public int FirstRow = -1;

    /// <summary>Next idle worker of the pool; −1 = none.</summary>
    public int NextIdle = -1;
}
