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
        var hardware = new HardwareScaling(PlanningSpace.Create(problem), solver);
        if (hardware.TryPlan(Name) is { } plan)
            return plan;
        var (draft, proof) = Overload.Plan(hardware.Accurate, solver);
        return PlanAssembler.Assemble(
            draft, Name, proof, [$"{hardware.Exceeded}: {100 * Overload.ServedShare(draft):0.#} % is served, the rest is shed.", .. hardware.Budgets]);
    }
}
