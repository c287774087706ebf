using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// Proteus (resource allocation program): accuracy scaling for independent models on heterogeneous devices. The most accurate mix of
/// variants that serves all demand with head-room β; where nothing serves it, less head-room; where that does not help
/// either, serve most, then most accurate (2.2), and shed the rest. Exact in every step.
/// </summary>
/// <remarks>Each (variant, device kind) runs the largest profiled batch that takes less than half of the objective (1.3; the
/// half is <see cref="PlanningOptions.ProcessingShare"/>). Of pipelines it knows nothing, as in Loki's comparison (Loki, baselines):
/// each task is a model of its own with the demand observed there and an equal part of the objective.</remarks>
public sealed class ProteusPolicy : IPlanningPolicy
{
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly ProteusOptions _options;

    /// <summary>Makes the policy.</summary>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
    /// <param name="options">The paper's constants; null = the defaults.</param>
    /// <exception cref="ArgumentException">The head-room is below 1.</exception>
    public ProteusPolicy(ISolver solver, TimeProvider? clock = null, ProteusOptions? options = null)
    {
        _solver = solver;
        _clock = clock;
        _options = ProteusOptions.Checked(options);
    }

    /// <summary>True if all solves of a plan share the time limit; false = each has the whole limit.</summary>
    internal bool SharesLimit { get; init; }

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Proteus;

    /// <inheritdoc/>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var tasks = IndependentTasks.Of(problem);
        var plan = new ProteusSearch(tasks.Families, _options, _solver, _clock, cancellationToken, SharesLimit).Plan();
        return ReferenceEquals(tasks.Families, problem)
            ? plan
            : PlacedPlan.Assemble(problem, tasks.Join(plan.Slots), Name, plan.Proof, [plan.Why[0], "Each task was planned as a model of its own."]);
    }
}
