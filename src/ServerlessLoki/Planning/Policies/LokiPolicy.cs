using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// Loki (resource manager): first hardware scaling, the fewest slots that serve the demand with the most accurate variants; if
/// that cannot be, accuracy scaling, the most accurate mix that serves it; if that cannot be either, serve most, then most
/// accurate, and shed the rest. Exact in every step.
/// </summary>
/// <remarks>The accuracy of a query in a branching pipeline is the mean over its leaf results, so leaf tasks weigh by the
/// results they give on the most accurate path; with a fan-out of one all weigh the same.</remarks>
/// <param name="solver">Solves the programs.</param>
/// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
public sealed class LokiPolicy(ISolver solver, TimeProvider? clock = null) : IPlanningPolicy
{
    /// <inheritdoc/>
    public string Name => PlanningPolicies.Loki;

    /// <summary>True if all solves of a plan share the time limit; false = each has the whole limit.</summary>
    internal bool SharesLimit { get; init; }

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var search = new PlanSolver(solver, clock, problem.Options, cancellationToken, SharesLimit ? clock?.GetTimestamp() : null);
        var space = PlanningSpace.Create(problem);
        var hardware = new HardwareScaling(space, search);
        if (hardware.TryPlan(Name) is { } plan)
            return plan;

        var mixed = search.MostAccurate(space);
        if (mixed.Draft is { } best)
        {
            var proof = search.Proof(mixed.Solution, "accuracy");
            return PlanAssembler.Assemble(
                best, Name, proof, [$"{hardware.Missing}, so accuracy scaling.", .. Explain.Flows(best), Explain.Proof(best, proof), .. hardware.Budgets]);
        }

        var (draft, overload, proven) = Overload.Plan(space, search);
        return PlanAssembler.Assemble(
            draft,
            Name,
            overload,
            [Explain.NoMix(hardware.Missing, mixed.Solution, draft), .. Explain.Flows(draft), proven, .. hardware.Budgets]);
    }
}
