using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Planning.Solving;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// Proteus (proteus.md 2.3): accuracy scaling for independent models on heterogeneous devices. The most accurate mix of
/// variants that serves all demand with head-room β; where nothing serves it, less head-room; where that does not help
/// either, serve most, then most accurate (2.2), and shed the rest. Exact in every step.
/// </summary>
/// <remarks>Plans pipelines of one task only, any number of them. Each (variant, device kind) runs the largest profiled
/// batch that takes less than half of the objective (1.3; the half is <see cref="PlanningOptions.ProcessingShare"/>).</remarks>
public sealed class ProteusPolicy : IPlanningPolicy
{
    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly ProteusOptions _options;

    /// <summary>Takes its tools.</summary>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = only the node limit holds.</param>
    /// <param name="options">The paper's constants; null = the defaults.</param>
    /// <exception cref="ArgumentException">The head-room is below 1.</exception>
    public ProteusPolicy(ISolver solver, TimeProvider? clock = null, ProteusOptions? options = null)
    {
        _solver = solver;
        _clock = clock;
        _options = options ?? new ProteusOptions();
        if (!(_options.Headroom >= 1) || !double.IsFinite(_options.Headroom))
            throw new ArgumentException($"$.headroom: found {_options.Headroom}; allowed: at least 1", nameof(options));
    }

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Proteus;

    /// <inheritdoc/>
    /// <exception cref="PlanningRefusedException">A pipeline has several tasks.</exception>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireSingleTasks(problem, Name);
        return new ProteusSearch(problem, _options, _solver, _clock, cancellationToken).Plan();
    }
}
