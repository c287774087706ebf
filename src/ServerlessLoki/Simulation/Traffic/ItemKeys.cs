namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Keys of the items of a query by their place in the query, independent of the chosen variants. All random choices of an item
/// derive from its key, in the hosts as in the simulator.</summary>
public static class ItemKeys
{
    private const ulong EdgeSalt = 0x8CB92BA72F3D8DD7UL;
    private const ulong JoinSalt = 0xA0761D6478BD642FUL;

    /// <summary>Computes the part of a seed in the keys of all queries.</summary>
    /// <param name="seed">Seed of a host or of a simulation.</param>
    public static ulong Seed(ulong seed) => HashRandom.Mix(seed + HashRandom.Golden);

    /// <summary>Computes the key of a query's root item.</summary>
    /// <param name="seed">Result of <see cref="Seed"/>.</param>
    /// <param name="sequence">Number of the query's arrival, from 0.</param>
    public static ulong Root(ulong seed, ulong sequence) => HashRandom.Mix((sequence * HashRandom.Golden) + seed);

    /// <summary>Computes the key of an item's children along one edge together.</summary>
    /// <param name="parent">Key of the item.</param>
    /// <param name="edge">Edge index.</param>
    public static ulong Edge(ulong parent, int edge) => HashRandom.Mix(parent + ((ulong)(edge + 1) * EdgeSalt));

    /// <summary>Computes the key of one child.</summary>
    /// <param name="edge">Result of <see cref="Edge"/>.</param>
    /// <param name="index">Position of the child among those of the edge, from 0.</param>
    public static ulong Child(ulong edge, int index) => HashRandom.Mix(edge + ((ulong)(index + 1) * HashRandom.Golden));

    /// <summary>Computes the key of a join.</summary>
    /// <param name="fork">Key of the item whose branches it joins.</param>
    /// <param name="task">Task index of the join.</param>
    public static ulong Join(ulong fork, int task) => HashRandom.Mix(fork + ((ulong)(task + 1) * JoinSalt));

    /// <summary>Computes the key of an item of a durable run on Azure, whose orchestrator numbers no arrivals.</summary>
    /// <param name="run">A number that depends on the run's id.</param>
    /// <param name="start">Start of the item's credit.</param>
    /// <param name="task">Task index.</param>
    public static ulong OfRun(ulong run, UInt128 start, int task) => HashRandom.Mix(run ^ (ulong)(start >> 60) ^ ((ulong)task << 48));
}
