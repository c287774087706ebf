using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// Loki's optimisation in its exact linear form (Loki, accuracy scaling as a linear program), generalised to graphs, several pipelines and devices.
/// Columns: u(v, k) binary "variant v runs at latency level k or a faster one", n(v, d) integer slots on device d, x(v, k, d)
/// those of them at level k, g(p) share of root queries on variant prefix p, z(i) served share of pipeline i.
/// </summary>
/// <remarks>
/// <para>Rows: slots only at the chosen level, u(v, k) − u(v, k−1) = 1, so one level per variant (C2); capacity per variant
/// (C1); flow only through running variants (C4); flow is conserved at every prefix and branch (C6, 2.7); slots per device
/// (C7); all ways to a join agree on the share of each of its variants. The latency rule C5 needs no big constant: where an ancestor at level j or slower and the last variant at level k
/// or slower exceed the budget together, the flow is at most u(ancestor, j−1) + u(last, k−1). Those pair rows say all for
/// two stages; deeper paths get the missing ones from <see cref="AddLatencyCuts"/> after a solution that breaks the rule.</para>
/// <para>Levels as "at most" make these rows short and halve the choice with each branching; slots as a sum over levels
/// are what the search should decide first, since the number of replicas matters more than their batch.</para>
/// </remarks>
internal sealed partial class PlanProgram
{
    /// <summary>Penalty of a swap that decides only between plans that are otherwise equal.</summary>
    public const double LeastSwapPenalty = 1e-6;

    private readonly PlanningSpace _space;
    private readonly Goal _goal;
    private readonly double[] _weights;
    private readonly double _swapPenalty;
    private readonly double _loadShare;
    private readonly ObjectiveWeights? _worth;
    private readonly MixedIntegerProgramBuilder _builder;
    private readonly int[][] _level;
    private readonly int[][,] _slots;
    private readonly int[][] _replicas;
    private readonly int[] _flow;
    private readonly List<(int Sum, List<int> Parts)> _taskSums = [];
    private readonly int[] _served;

    /// <summary>Builds the program.</summary>
    /// <param name="space">Choices of the program; at least one pipeline can be served.</param>
    /// <param name="goal">The objective.</param>
    /// <param name="cover">True = at least one slot for every task of every pipeline that can be served.</param>
    /// <param name="swapPenalty">Cost of loading a variant into a slot, in the objective's unit.</param>
    /// <param name="leastServedQps">Least root queries per second, all pipelines together, for
    /// <see cref="Goal.MostAccurateOfServed"/>.</param>
    /// <param name="loadShare">Share of a slot's price that loading a variant into it costs in addition, where the goal counts
    /// cost.</param>
    public PlanProgram(
        PlanningSpace space, Goal goal, bool cover = true, double leastServedQps = 0, double swapPenalty = LeastSwapPenalty, double loadShare = 0)
    {
        _space = space;
        _goal = goal;
        _weights = PipelineWeights.Of(space.Problem);
        _worth = space.Problem.Options.Objective;
        _swapPenalty = goal == Goal.BestWorth ? Math.Max(LeastSwapPenalty, _worth!.Load) : swapPenalty;
        _loadShare = loadShare;
        _builder = new MixedIntegerProgramBuilder(goal is Goal.FewestSlots or Goal.LeastCost ? ObjectiveSense.Minimise : ObjectiveSense.Maximise);
        _level = new int[space.Candidates.Length][];
        _slots = new int[space.Candidates.Length][,];
        _replicas = new int[space.Candidates.Length][];
        _flow = new int[space.Prefixes.Length];
        _served = new int[space.Pipelines.Length];
        AddServed(leastServedQps);
        foreach (var candidate in space.Candidates)
            AddCandidate(candidate);
        AddFlows();
        foreach (var pipeline in space.Pipelines.Where(p => p.CanServe))
        {
            AddConservation(pipeline);
            AddJoins(pipeline);
            AddLatencyPairs(pipeline);
            if (cover)
                AddCover(pipeline);
        }

        foreach (var candidate in space.Candidates)
            AddCapacity(candidate);
        AddDevices();
        AddTaskSums();
        if (space.Problem.Previous is { } previous)
            AddSwaps(previous);
    }

    /// <summary>True where variants were left out to limit the number of paths, see <see cref="PlanningSpace.IsThinned"/>.</summary>
    public bool IsThinned => _space.IsThinned;

    public MixedIntegerProgram Build() => _builder.Build();
}
