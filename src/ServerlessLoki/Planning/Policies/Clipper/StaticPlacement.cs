using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies.Clipper;

/// <summary>
/// One variant per family on all slots, so that the largest multiple λ of the demand can be carried: max λ with
/// λ·s(i) ≤ Σ cap·n, Σ n ≤ N per device kind. Only the demand's proportions matter.
/// </summary>
internal sealed class StaticPlacement
{
    // A placement made once need not be proven to the last slot; this is what a percent of its capacity is worth.
    private const double Gap = 0.01;

    private readonly PlanningProblem _problem;
    private readonly List<ProteusChoice> _choices;
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;

    /// <summary>Prepares the placement.</summary>
    /// <param name="problem">Single-task pipelines.</param>
    /// <param name="choices">Choices of variant and device for each pipeline.</param>
    /// <param name="solver">Solves the program.</param>
    /// <param name="clock">Measures the time limit.</param>
    public StaticPlacement(PlanningProblem problem, List<ProteusChoice> choices, ISolver solver, TimeProvider? clock)
    {
        _problem = problem;
        _choices = choices;
        _solver = solver;
        _clock = clock;
    }

    /// <summary>Proof of the placement: λ and its bound; valid after <see cref="Groups"/>.</summary>
    public PlanProof Proof { get; private set; } = new(0, 0, "nothing can be served", 0, "static");

    /// <summary>Tests whether an earlier placement can stay: all its devices, variants and pipelines still exist.</summary>
    public static bool Fits(Plan plan, PlanningProblem problem) =>
        plan.ServedShare.Length == problem.Pipelines.Length
        && plan.Slots.All(s => s.Pipeline < problem.Pipelines.Length && s.Device < problem.Devices.Length
            && s.Task < problem.Pipelines[s.Pipeline].Pipeline.Tasks.Length
            && s.Variant < problem.Pipelines[s.Pipeline].Pipeline.Tasks[s.Task].Variants.Length
            && problem.Profile.Find(problem.Pipelines[s.Pipeline].Pipeline.Tasks[s.Task].Variants[s.Variant].Name, problem.Devices[s.Device].Name) is not null)
        && problem.Devices.Select((d, i) => plan.Slots.Where(s => s.Device == i).Sum(s => s.SlotsTaken) == d.Slots
            || plan.Slots.All(s => s.Device != i)).All(fits => fits);

    /// <summary>Computes the slots of the placement.</summary>
    public List<SlotGroup> Groups(CancellationToken cancellationToken)
    {
        var slots = Solve(cancellationToken) ?? LargestFirst();
        for (var d = 0; d < _problem.Devices.Length; d++)
            SpendRest(slots, d);
        return [.. _choices.Select((c, i) => c.Group(slots[i])).Where(g => g.Replicas > 0)];
    }

    private int[]? Solve(CancellationToken cancellationToken)
    {
        var weights = PipelineWeights.Of(_problem);
        var program = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var multiple = program.AddColumn(0, double.PositiveInfinity, 1);
        var columns = _choices.Select(c => program.AddColumn(0, _problem.Devices[c.Device].Slots, 0, isInteger: true)).ToArray();
        foreach (var family in _choices.Select((c, i) => (c, i)).GroupBy(x => x.c.Pipeline))
        {
            var carried = program.AddRow(0, double.PositiveInfinity, [(multiple, -weights[family.Key])]);
            var placed = program.AddRow(1, double.PositiveInfinity);
            foreach (var (choice, i) in family)
            {
                program.AddTerm(carried, columns[i], choice.SlotQps);
                program.AddTerm(placed, columns[i], 1);
            }
        }

        for (var d = 0; d < _problem.Devices.Length; d++)
        {
            var row = program.AddRow(double.NegativeInfinity, _problem.Devices[d].Slots);
            for (var i = 0; i < columns.Length; i++)
            {
                if (_choices[i].Device == d)
                    program.AddTerm(row, columns[i], 1);
            }
        }

        if (columns.Length == 0)
            return null;
        var limits = new SolveOptions
        {
            RelativeGap = Math.Max(Gap, _problem.Options.RelativeGap),
            NodeLimit = _problem.Options.NodeLimit,
            TimeProvider = _clock,
            TimeLimit = _clock is null ? null : _problem.Options.TimeLimit,
        };
        var solution = _solver.Solve(program.Build(), limits, cancellationToken);
        if (!solution.HasValues)
            return null;
        var nodes = (int)Math.Min(solution.Nodes, int.MaxValue);
        Proof = new PlanProof(solution.Objective, solution.Bound, solution.Status == SolveStatus.Optimal ? "optimal" : "limit reached", nodes, "static");
        return [.. columns.Select(c => (int)Math.Round(solution.Values[c]))];
    }

    // Fewer slots than families: the families with the most demand get one each, where they are fastest.
    private int[] LargestFirst()
    {
        var slots = new int[_choices.Count];
        foreach (var family in _choices.Select((c, i) => (c, i)).GroupBy(x => x.c.Pipeline).OrderByDescending(f => _problem.Pipelines[f.Key].DemandQps))
        {
            var free = family.Where(x => Free(slots, x.c.Device) > 0).ToList();
            if (free.Count > 0)
                slots[free.MaxBy(x => x.c.SlotQps).i]++;
        }

        return slots;
    }

    // Slots that the program has no use for go to the family that has the least for its demand.
    private void SpendRest(int[] slots, int device)
    {
        var weights = PipelineWeights.Of(_problem);
        var able = Enumerable.Range(0, _choices.Count).Where(i => _choices[i].Device == device).ToList();
        for (var free = Free(slots, device); free > 0 && able.Count > 0; free--)
            slots[able.MinBy(i => Capacity(_choices[i].Pipeline) / weights[_choices[i].Pipeline])]++;

        double Capacity(int family) => _choices.Select((c, i) => c.Pipeline == family ? slots[i] * c.SlotQps : 0).Sum();
    }

    private int Free(int[] slots, int device) =>
        _problem.Devices[device].Slots - _choices.Select((c, i) => c.Device == device ? slots[i] : 0).Sum();
}
