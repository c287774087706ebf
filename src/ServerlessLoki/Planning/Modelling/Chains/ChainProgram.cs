using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling.Chains;

/// <summary>
/// The most accurate plan of a chain on one kind of device, with a flow for every path and choice of levels within the budget, so that
/// the latency rule C5 needs no rows. A variant may run at several of its levels at once: a relaxation, exact where it does not.
/// </summary>
/// <remarks>Columns: n(v) integer slots, f(p, k) share of root queries on path p with levels k. Rows: Σf = 1; Σn ≤ slots; for every
/// variant what its flows take of a slot each ≤ n(v). Choices in which a level could be slower, and so carry more, are left out.</remarks>
internal sealed class ChainProgram
{
    private readonly PlanningSpace _space;
    private readonly ChainLevels _levels;
    private readonly int _device;
    private readonly MixedIntegerProgramBuilder _builder = new(ObjectiveSense.Maximise);
    private readonly int[] _replicas;
    private readonly int[] _capacity;
    private readonly int[] _needed;
    private readonly int _all;
    private readonly List<(int Column, Prefix Leaf, int[] Levels)> _flows = [];

    /// <summary>Builds the program.</summary>
    /// <param name="space">Space of one pipeline without branches.</param>
    /// <param name="device">Index of the device type that the pipeline runs on.</param>
    /// <param name="levels">Levels to choose from.</param>
    /// <param name="swapPenalty">Cost of loading a variant into a slot, in accuracy.</param>
    public ChainProgram(PlanningSpace space, int device, ChainLevels levels, double swapPenalty)
    {
        (_space, _device, _levels) = (space, device, levels);
        var most = space.Problem.Devices[device].Slots;
        (_replicas, _capacity, _needed) = (new int[space.Candidates.Length], new int[space.Candidates.Length], new int[space.Candidates.Length]);
        _all = _builder.AddRow(1, 1);
        var slots = _builder.AddRow(double.NegativeInfinity, most);
        foreach (var candidate in space.Candidates)
        {
            // Loads cost by the slot where nothing of the kind runs yet.
            var had = Had(candidate);
            var replicas = _replicas[candidate.Id] = _builder.AddColumn(0, most / candidate.SlotsEach, had == 0 ? -swapPenalty : 0, isInteger: true);
            _builder.AddTerm(slots, replicas, candidate.SlotsEach);
            _capacity[candidate.Id] = _builder.AddRow(double.NegativeInfinity, 0, [(replicas, -space.Problem.Options.Utilization)]);
            _needed[candidate.Id] = -1;
            if (had > 0)
                _builder.AddRow(-had.Value, double.PositiveInfinity, [(_builder.AddColumn(0, double.PositiveInfinity, -swapPenalty), 1), (replicas, -1)]);
        }

        var depth = space.Pipelines[0].Graph.Tasks.Length;
        foreach (var leaf in space.Pipelines[0].Prefixes[^1])
            AddPath(leaf, [.. Upward(leaf).Reverse()], new int[depth], 0, space.Pipelines[0].BudgetUs);
    }

    public MixedIntegerProgram Build() => _builder.Build();

    /// <summary>Reads the share of root queries that a solution sends to each level of each variant.</summary>
    public double[][] Shares(Solution solution)
    {
        var shares = _space.Candidates.Select(c => new double[c.Levels.Length]).ToArray();
        foreach (var (column, leaf, levels) in _flows)
        {
            var at = levels.Length;
            foreach (var candidate in leaf.Upward())
                shares[candidate.Id][levels[--at]] += solution.Values[column] > 1e-9 ? solution.Values[column] : 0;
        }

        return shares;
    }

    /// <summary>Reads the plan of a solution in which every variant runs at one level.</summary>
    public PlanDraft Read(Solution solution)
    {
        var slots = new List<(Candidate, int, int, int)>();
        foreach (var (candidate, shares) in _space.Candidates.Zip(Shares(solution)))
        {
            if (shares.Max() > 0)
                slots.Add((candidate, Array.IndexOf(shares, shares.Max()), _device, (int)Math.Round(solution.Values[_replicas[candidate.Id]])));
        }

        var flow = new double[_space.Prefixes.Length];
        foreach (var (column, leaf, _) in _flows.Where(f => solution.Values[f.Column] > 1e-9))
        {
            foreach (var prefix in Upward(leaf))
                flow[prefix.Id] += solution.Values[column];
        }

        return new PlanDraft(_space, slots, flow, [1]);
    }

    private static IEnumerable<Prefix> Upward(Prefix leaf)
    {
        for (var prefix = leaf; prefix is not null; prefix = prefix.Parent)
            yield return prefix;
    }

    // Slots that run the variant under the plan in force; null without one.
    private int? Had(Candidate candidate) => _space.Problem.Previous?.Slots
        .Where(s => (s.Pipeline, s.Task, s.Variant, s.Device) == (candidate.Pipeline, candidate.Task, candidate.Variant, _device)).Sum(s => s.Replicas);

    private void AddPath(Prefix leaf, Prefix[] path, int[] levels, int at, double leftUs)
    {
        if (at == path.Length)
        {
            if (IsSlowest(path, levels, leftUs))
                AddFlow(leaf, path, levels);
            return;
        }

        var candidate = path[at].Last;
        for (var k = _levels.Lowest[candidate.Id]; k <= _levels.Highest[candidate.Id] && candidate.Levels[k].LatencyUs <= leftUs; k++)
        {
            levels[at] = k;
            AddPath(leaf, path, levels, at + 1, leftUs - candidate.Levels[k].LatencyUs);
        }
    }

    private bool IsSlowest(Prefix[] path, int[] levels, double leftUs)
    {
        for (var t = 0; t < path.Length; t++)
        {
            var candidate = path[t].Last;
            if (levels[t] < _levels.Highest[candidate.Id] && candidate.Levels[levels[t] + 1].LatencyUs - candidate.Levels[levels[t]].LatencyUs <= leftUs)
                return false;
        }

        return true;
    }

    private void AddFlow(Prefix leaf, Prefix[] path, int[] levels)
    {
        var flow = _builder.AddColumn(0, 1, leaf.Accuracy);
        _builder.AddTerm(_all, flow, 1);
        for (var t = 0; t < path.Length; t++)
        {
            var candidate = path[t].Last;
            var taken = _space.Pipelines[0].Demand.DemandQps * path[t].Factor / candidate.Levels[levels[t]].SlotQps[_device];
            if (taken > 0)
                _builder.AddTerm(_capacity[candidate.Id], flow, taken);

            // Capacity calls for slots wherever there is load; a variant that runs without load needs one all the same.
            if (taken < _space.Problem.Options.Utilization)
                _builder.AddTerm(Needed(candidate), flow, 1);
        }

        _flows.Add((flow, leaf, (int[])levels.Clone()));
    }

    private int Needed(Candidate candidate) => _needed[candidate.Id] >= 0
        ? _needed[candidate.Id]
        : _needed[candidate.Id] = _builder.AddRow(double.NegativeInfinity, 0, [(_replicas[candidate.Id], -1)]);
}
