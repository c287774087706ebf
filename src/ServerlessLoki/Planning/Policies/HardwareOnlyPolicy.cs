using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// Hardware scaling alone: InferLine as the Loki artifact compares with it (Loki, baselines). The most accurate variants only;
/// beyond their capacity all slots are used for the largest share, the rest is shed.
/// </summary>
/// <param name="solver">Solves the programs.</param>
/// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
public sealed class HardwareOnlyPolicy(ISolver solver, TimeProvider? clock = null) : IPlanningPolicy
{
    /// <inheritdoc/>
    public string Name => PlanningPolicies.HardwareOnly;

    /// <inheritdoc/>
    public bool ScalesAccuracy => false;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var search = new PlanSolver(solver, clock, problem.Options, cancellationToken);
        var hardware = new HardwareScaling(PlanningSpace.Create(problem), search);
        if (hardware.TryPlan(Name) is { } plan)
            return plan;
        var (draft, proof, _) = Overload.Plan(hardware.Accurate, search);
        return PlanAssembler.Assemble(
            draft, Name, proof, [$"{hardware.Missing}: {Explain.Shed(draft)}", .. hardware.Budgets]);
    }
}
