using ServerlessLoki.Planning.Solving;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// Loki's optimisation in its exact linear form (loki.md 2.6), generalised to graphs, several pipelines and devices.
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
    /// <summary>Swapping a model is worth avoiding only between plans that are otherwise equal.</summary>
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
    /// <param name="space">What there is to choose from; at least one pipeline can be served.</param>
    /// <param name="goal">The objective.</param>
    /// <param name="cover">At least one slot for every task of every pipeline that can be served.</param>
    /// <param name="swapPenalty">What loading a variant into a slot costs, in the objective's unit.</param>
    /// <param name="leastServedQps">For <see cref="Goal.MostAccurateOfServed"/>: root queries per second, all pipelines.</param>
    /// <param name="loadShare">Part of a slot's price that loading a variant into it costs beside, where the goal counts cost.</param>
    public PlanProgram(
        PlanningSpace space, Goal goal, bool cover = true, double leastServedQps = 0, double swapPenalty = LeastSwapPenalty, double loadShare = 0)
    {
        _space = space;
        _goal = goal;
        _weights = Weights(space);
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
        var value = goal switch
        {
            Goal.MostAccurate or Goal.MostAccurateOfServed => 1,
            Goal.BestWorth => _worth!.Accuracy,
            _ => 0,
        };
        foreach (var prefix in space.Prefixes)
            _flow[prefix.Id] = _builder.AddColumn(0, 1, value * FlowValue(prefix));
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

    public MixedIntegerProgram Build() => _builder.Build();

    /// <summary>Share of each pipeline's demand in all demand; small but not zero for a pipeline without demand.</summary>
    public static double[] Weights(PlanningSpace space) => Weights(space.Problem);

    /// <summary>As above, before a space is derived.</summary>
    public static double[] Weights(PlanningProblem problem)
    {
        var demand = problem.Pipelines.Select(p => p.DemandQps).ToArray();
        var floor = demand.Sum() > 0 ? 1e-3 * demand.Sum() / demand.Length : 1;
        var weights = demand.Select(d => Math.Max(d, floor)).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }

    private double FlowValue(Prefix prefix)
    {
        var pipeline = _space.Pipelines[prefix.Last.Pipeline];
        return _weights[prefix.Last.Pipeline] * pipeline.LeafWeights[prefix.Visit] * prefix.Accuracy;
    }

    private void AddServed(double leastServedQps)
    {
        var partial = _goal is Goal.MostServed or Goal.MostAccurateOfServed;
        foreach (var pipeline in _space.Pipelines)
        {
            var value = _goal == Goal.MostServed ? _weights[pipeline.Index] : 0;
            _served[pipeline.Index] = pipeline.CanServe ? _builder.AddColumn(partial ? 0 : 1, 1, value) : -1;
        }

        if (leastServedQps <= 0)
            return;
        var row = _builder.AddRow(leastServedQps, double.PositiveInfinity, "served");
        foreach (var pipeline in _space.Pipelines.Where(p => p.CanServe))
            _builder.AddTerm(row, _served[pipeline.Index], pipeline.Demand.DemandQps);
    }

    private void AddCandidate(Candidate candidate)
    {
        var problem = _space.Problem;
        var levels = candidate.Levels.Length;
        var most = _space.Pipelines[candidate.Pipeline].MaxLoadQps(candidate) / problem.Options.Utilization;
        _level[candidate.Id] = new int[levels];
        _slots[candidate.Id] = new int[levels, problem.Devices.Length];
        _replicas[candidate.Id] = new int[problem.Devices.Length];
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            var useful = Useful(candidate, 0, d, most);
            for (var k = 1; k < levels; k++)
                useful = Math.Max(useful, Useful(candidate, k, d, most));
            _replicas[candidate.Id][d] = useful == 0
                ? -1
                : _builder.AddColumn(0, useful, candidate.SlotsEach * SlotPrice(d), isInteger: true, $"{candidate.Name} on {problem.Devices[d].Name}");
        }

        var sums = _replicas[candidate.Id].Select(n => n < 0 ? -1 : _builder.AddRow(0, 0, [(n, -1)])).ToArray();
        for (var k = 0; k < levels; k++)
        {
            _level[candidate.Id][k] = _builder.AddBinary(0, $"{candidate.Name} level <= {k}");
            for (var d = 0; d < problem.Devices.Length; d++)
            {
                var useful = Useful(candidate, k, d, most);
                _slots[candidate.Id][k, d] = -1;
                if (useful == 0)
                    continue;
                var slots = _slots[candidate.Id][k, d] = _builder.AddColumn(0, useful, 0);
                _builder.AddTerm(sums[d], slots, 1);
                var only = _builder.AddRow(double.NegativeInfinity, 0, [(slots, 1), (_level[candidate.Id][k], -useful)]);
                if (k > 0)
                    _builder.AddTerm(only, _level[candidate.Id][k - 1], useful);
            }

        }

        // Capacity calls for slots wherever there is load; a variant that runs without load needs one all the same.
        var running = _builder.AddRow(0, double.PositiveInfinity);
        for (var k = 0; k < levels; k++)
        {
            _builder.AddTerm(running, _level[candidate.Id][k], -candidate.Levels[k].LeastReplicas);
            if (k > 0)
                _builder.AddTerm(running, _level[candidate.Id][k - 1], candidate.Levels[k].LeastReplicas);
        }

        foreach (var replicas in _replicas[candidate.Id].Where(n => n >= 0))
            _builder.AddTerm(running, replicas, 1);
    }

    // Where nothing has a price, slots are the cost.
    private double SlotPrice(int device) => _goal switch
    {
        Goal.FewestSlots => 1,
        Goal.LeastCost => Price(device),
        Goal.BestWorth => -_worth!.Cost * Price(device),
        _ => 0,
    };

    private double Price(int device) =>
        _space.Problem.Devices.Any(d => d.PricePerHour > 0) ? _space.Problem.Devices[device].PricePerHour : 1;

    // More slots than carry all the variant could get are useless.
    private double Useful(Candidate candidate, int level, int device, double mostQps)
    {
        var qps = candidate.Levels[level].SlotQps[device];
        var needed = mostQps + (candidate.Levels[level].ReserveQps / _space.Problem.Options.Utilization);
        var room = _space.Problem.Devices[device].Slots / candidate.SlotsEach;
        return qps <= 0 || room == 0
            ? 0
            : Math.Max(1, Math.Min(room, Math.Max(candidate.Levels[level].LeastReplicas, Math.Ceiling((needed / qps) - 1e-9))));
    }

    private void AddConservation(PipelineSpace pipeline)
    {
        var root = _builder.AddRow(0, 0);
        _builder.AddTerm(root, _served[pipeline.Index], -1);
        foreach (var prefix in pipeline.Prefixes[0])
            _builder.AddTerm(root, _flow[prefix.Id], 1);
        foreach (var edge in pipeline.Graph.Tasks.SelectMany(t => t.Outgoing))
        {
            var children = pipeline.Prefixes[edge.To].ToLookup(p => p.Parent!.Id);
            foreach (var parent in pipeline.Prefixes[edge.From])
            {
                var row = _builder.AddRow(0, 0);
                _builder.AddTerm(row, _flow[parent.Id], -1);
                foreach (var child in children[parent.Id])
                    _builder.AddTerm(row, _flow[child.Id], 1);
            }
        }
    }

    // One run answers all branches, so its variant is the same whichever way is looked at.
    private void AddJoins(PipelineSpace pipeline)
    {
        foreach (var task in pipeline.Graph.Tasks.Where(t => t.IsJoin))
        {
            var ways = pipeline.Graph.Visits.Where(v => v.Task == task.Index).Select(v => v.Index).ToArray();
            foreach (var candidate in pipeline.Candidates[task.Index].Skip(1))
            {
                foreach (var way in ways.Skip(1))
                {
                    var row = _builder.AddRow(0, 0);
                    foreach (var prefix in pipeline.Prefixes[task.Index].Where(p => p.Last.Id == candidate.Id && (p.Visit == way || p.Visit == ways[0])))
                        _builder.AddTerm(row, _flow[prefix.Id], prefix.Visit == way ? 1 : -1);
                }
            }
        }
    }

    private void AddCover(PipelineSpace pipeline)
    {
        foreach (var candidates in pipeline.Candidates)
        {
            var row = _builder.AddRow(1, double.PositiveInfinity);
            foreach (var candidate in candidates)
                _builder.AddTerm(row, _level[candidate.Id][^1], 1);
        }
    }

    private void AddCapacity(Candidate candidate)
    {
        var pipeline = _space.Pipelines[candidate.Pipeline];
        var capacity = _builder.AddRow(double.NegativeInfinity, 0);
        foreach (var way in pipeline.Prefixes[candidate.Task].Where(p => p.Last.Id == candidate.Id).GroupBy(p => p.Visit))
        {
            // Each way to the task carries all queries, so each may give all of them to one variant.
            var running = _builder.AddRow(double.NegativeInfinity, 0);
            foreach (var prefix in way)
            {
                _builder.AddTerm(capacity, _flow[prefix.Id], pipeline.Demand.DemandQps * prefix.Factor);
                _builder.AddTerm(running, _flow[prefix.Id], 1);
            }

            _builder.AddTerm(running, _level[candidate.Id][^1], -1);
        }

        for (var k = 0; k < candidate.Levels.Length; k++)
        {
            for (var d = 0; d < _space.Problem.Devices.Length; d++)
            {
                if (_slots[candidate.Id][k, d] >= 0)
                    _builder.AddTerm(capacity, _slots[candidate.Id][k, d], -candidate.Levels[k].SlotQps[d] * _space.Problem.Options.Utilization);
            }

            if (candidate.Levels[k].ReserveQps <= 0)
                continue;
            _builder.AddTerm(capacity, _level[candidate.Id][k], candidate.Levels[k].ReserveQps);
            if (k > 0)
                _builder.AddTerm(capacity, _level[candidate.Id][k - 1], -candidate.Levels[k].ReserveQps);
        }
    }

    private void AddDevices()
    {
        for (var d = 0; d < _space.Problem.Devices.Length; d++)
        {
            var row = _builder.AddRow(double.NegativeInfinity, _space.Problem.Devices[d].Slots, _space.Problem.Devices[d].Name);
            foreach (var candidate in _space.Candidates.Where(c => _replicas[c.Id][d] >= 0))
                _builder.AddTerm(row, _replicas[candidate.Id][d], candidate.SlotsEach);
        }
    }

    // Not needed for what the program says, only for how fast it is solved: how many slots a task gets decides the most.
    private void AddTaskSums()
    {
        foreach (var candidates in _space.Pipelines.SelectMany(p => p.Candidates).Where(c => c.Length > 1))
        {
            var columns = candidates.SelectMany(c => _replicas[c.Id]).Where(n => n >= 0).ToList();
            var sum = _builder.AddColumn(0, _space.Problem.Devices.Sum(d => d.Slots), 0, isInteger: true);
            var row = _builder.AddRow(0, 0, [(sum, -1)]);
            foreach (var column in columns)
                _builder.AddTerm(row, column, 1);
            _taskSums.Add((sum, columns));
        }
    }

    private void AddSwaps(Plan previous)
    {
        var penalty = _goal is Goal.FewestSlots or Goal.LeastCost ? _swapPenalty : -_swapPenalty;
        foreach (var candidate in _space.Candidates)
        {
            for (var d = 0; d < _space.Problem.Devices.Length; d++)
            {
                var had = previous.Slots.Where(s => s.Pipeline == candidate.Pipeline && s.Task == candidate.Task
                    && s.Variant == candidate.Variant && s.Device == d).Sum(s => s.Replicas);
                if (_replicas[candidate.Id][d] >= 0)
                {
                    var loads = _builder.AddColumn(0, double.PositiveInfinity, penalty + (_loadShare * candidate.SlotsEach * SlotPrice(d)));
                    _builder.AddRow(-had, double.PositiveInfinity, [(loads, 1), (_replicas[candidate.Id][d], -1)]);
                }
            }
        }
    }
}
