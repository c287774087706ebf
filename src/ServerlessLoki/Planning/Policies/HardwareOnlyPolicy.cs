using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Solving;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// Hardware scaling alone: InferLine as the Loki artifact compares with it (loki.md 6). The most accurate variants only;
/// beyond their capacity all slots are used for the largest share, the rest is shed.
/// </summary>
public sealed class HardwareOnlyPolicy : IPlanningPolicy
{
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;

    /// <summary>Takes its tools.</summary>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
    public HardwareOnlyPolicy(ISolver solver, TimeProvider? clock = null)
    {
        _solver = solver;
        _clock = clock;
    }

    /// <inheritdoc/>
    public string Name => PlanningPolicies.HardwareOnly;

    /// <inheritdoc/>
    public bool ScalesAccuracy => false;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var solver = new PlanSolver(_solver, _clock, problem.Options, cancellationToken);
        var space = PlanningSpace.Create(problem).MostAccurateOnly();
        var budgets = Explain.Budgets(space).ToList();
        var hardware = solver.Solve(new PlanProgram(space, Goal.FewestSlots));
        if (hardware.Draft is { } fewest)
        {
            var why = $"Demand {Explain.Demand(problem)} fits {Explain.Variants(space)} on "
                + $"{Explain.Count(fewest.Slots.Sum(s => s.Replicas), "slot")} of {Explain.Slots(problem)}: no fewer can do it.";
            return PlanAssembler.Assemble(fewest, Name, solver.Proof(hardware.Solution, "hardware"), [why, .. budgets]);
        }

        var (draft, proof) = Overload.Plan(space, solver);
        return PlanAssembler.Assemble(
            draft,
            Name,
            proof,
            [$"Demand {Explain.Demand(problem)} exceeds what {Explain.Variants(space)} can serve on {Explain.Slots(problem)}: {100 * Overload.ServedShare(draft):0.#} % is served, the rest is shed.", .. budgets]);
    }
}
