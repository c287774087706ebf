using ServerlessLoki.Batching.Residency;

namespace ServerlessLoki.Simulation.Events;

/// <summary>The variants that each slot of a pool holds, and which of them runs at what slack.</summary>
internal sealed class Residents(Pool[] pools, ResidentChoice choice)
{
    /// <summary>By position: how each variant runs on the device. They have no workers of their own.</summary>
    public readonly Pool[] Pools = pools;
    public readonly ResidentChoice Choice = choice;

    /// <summary>The fastest single run, microseconds.</summary>
    public readonly double SingleUs = pools.Min(p => p.SingleUs);
}
