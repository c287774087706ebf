using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies.Proteus;

/// <summary>
/// Proteus' resource allocation as a compact program with flows as shares of a family's demand: x(c) share of the queries, n(c) slots
/// of choice c, z(i) served share of family i. Σ x = z; β·s·x ≤ cap·n; x ≤ n; Σ n ≤ N per device kind.
/// </summary>
/// <remarks>x ≤ n follows from the capacity row only where one slot carries less than all; elsewhere it tightens the
/// relaxation, and it gives a family without demand its slot.</remarks>
internal sealed class ProteusProgram
{
    private readonly PlanningProblem _problem;
    private readonly IReadOnlyList<ProteusChoice> _choices;
    private readonly MixedIntegerProgramBuilder _builder = new(ObjectiveSense.Maximise);
    private readonly int[] _share;
    private readonly int[] _slots;
    private readonly int[] _served;

    /// <summary>Builds the program.</summary>
    /// <param name="problem">Single-task pipelines.</param>
    /// <param name="choices">Choices of variant and device.</param>
    /// <param name="weights">[pipeline] weight of its queries, summing to 1.</param>
    /// <param name="headroom">Capacity per load, utilization included; at least 1.</param>
    /// <param name="goal">The objective.</param>
    /// <param name="leastServed">For <see cref="ProteusGoal.MostAccurateOfServed"/>: weighted served share.</param>
    public ProteusProgram(
        PlanningProblem problem, IReadOnlyList<ProteusChoice> choices, double[] weights, double headroom, ProteusGoal goal, double leastServed = 0)
    {
        _problem = problem;
        _choices = choices;
        _share = new int[choices.Count];
        _slots = new int[choices.Count];
        _served = new int[problem.Pipelines.Length];
        var shares = new int[_served.Length];
        for (var p = 0; p < _served.Length; p++)
        {
            // A family that nothing can serve is shed, not a reason to serve none.
            var canServe = choices.Any(c => c.Pipeline == p);
            var all = goal == ProteusGoal.MostAccurate && canServe;
            _served[p] = _builder.AddColumn(all ? 1 : 0, canServe ? 1 : 0, goal == ProteusGoal.MostServed ? weights[p] : 0);
            shares[p] = _builder.AddRow(0, 0, [(_served[p], -1)]);
        }

        var devices = problem.Devices.Select(d => _builder.AddRow(double.NegativeInfinity, d.Slots, d.Name)).ToArray();
        for (var c = 0; c < choices.Count; c++)
        {
            var choice = choices[c];
            var load = problem.Pipelines[choice.Pipeline].DemandQps * headroom;
            var useful = Math.Max(1, Math.Min(problem.Devices[choice.Device].Slots, Math.Ceiling((load / choice.SlotQps) - 1e-9)));
            _share[c] = _builder.AddColumn(0, 1, goal == ProteusGoal.MostServed ? 0 : weights[choice.Pipeline] * choice.Accuracy);
            _slots[c] = _builder.AddColumn(0, useful, 0, isInteger: true);
            _builder.AddTerm(shares[choice.Pipeline], _share[c], 1);
            _builder.AddTerm(devices[choice.Device], _slots[c], 1);
            _builder.AddRow(double.NegativeInfinity, 0, [(_share[c], Math.Max(1, load / choice.SlotQps)), (_slots[c], -1)]);
        }

        if (leastServed > 0)
            _builder.AddRow(leastServed, double.PositiveInfinity, [.. _served.Select((z, p) => (z, weights[p]))]);
    }

    public MixedIntegerProgram Build() => _builder.Build();

    /// <summary>Returns the slots of the plan in force as values to start from; null when there is none.</summary>
    public double[]? WarmStart()
    {
        if (_problem.Previous is not { } previous)
            return null;
        var values = new double[_builder.ColumnCount];
        for (var c = 0; c < _choices.Count; c++)
        {
            var choice = _choices[c];
            values[_slots[c]] = previous.Slots
                .Where(s => s.Pipeline == choice.Pipeline && s.Variant == choice.Variant && s.Device == choice.Device).Sum(s => s.Replicas);
        }

        return values;
    }

    /// <summary>Reads the share of its family's queries that each choice serves.</summary>
    public double[] Shares(Solution solution) => [.. _share.Select(x => solution.Values[x] < 1e-9 ? 0 : solution.Values[x])];
}
