using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>One kind of device: its slots, and as many compute threads as batches may run at once.</summary>
internal sealed class Device(int index, string name, int threads, Slot[] slots, double pricePerHour)
{
    public readonly int Index = index;
    public readonly string Name = name;
    public readonly int Threads = threads;
    public readonly Slot[] Slots = slots;
    public readonly double PricePerHour = pricePerHour;

    /// <summary>Slots take turns: fewer batches run than there are slots.</summary>
    public readonly bool IsShared = threads < slots.Length;
    public readonly List<Pool> Pools = [];
    public int FreeThreads = threads;

    /// <summary>Free threads must look at all pools: one may have found none free, or several may run.</summary>
    public bool IsStarved;

    /// <summary>Compute time of all that waits, nanoseconds.</summary>
    public long WorkNs;
    public TimeIntegral Busy;

    /// <summary>How much longer batches take than expected.</summary>
    public readonly Drift Drift = new();
}

/// <summary>One place where one variant runs.</summary>
internal sealed class Slot
{
    /// <summary>Stage that it is meant to run; −1 = free.</summary>
    public int Assigned = -1;

    /// <summary>The tenancy that serves it; −1 when free, lost or down.</summary>
    public int Worker = -1;

    /// <summary>Failures that are not over: a slot may fail while it is down.</summary>
    public int Failures;

    public bool IsDown => Failures > 0;
}

/// <summary>A slot's tenancy of one variant.</summary>
internal sealed class Worker
{
    public Pool Pool = null!;

    /// <summary>The variant that its batch runs.</summary>
    public Pool Runs = null!;
    public Slot? Slot;
    public bool IsBusy;
    public bool IsRetiring;

    /// <summary>Takes no slot and costs nothing: a backup.</summary>
    public bool IsBeside;

    /// <summary>Number of its batch, when that began, and how long it should take.</summary>
    public long Batch;
    public long StartedUs;
    public double ExpectedUs;
    public int Rows;

    /// <summary>Rows in hand, linked.</summary>
    public int FirstRow = -1;

    /// <summary>Next idle worker of the pool.</summary>
    public int NextIdle = -1;
}
