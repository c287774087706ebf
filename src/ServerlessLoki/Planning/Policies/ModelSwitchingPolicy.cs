using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.InfAdapter;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// MS+ (InfAdapter, baselines): Model-Switching, extended by cores and loading cost. One active variant with the fewest cores that
/// cover the demand, no more than the most accurate variant would need; the best objective of 2.1 among them. Where nothing
/// covers the demand: the lightest variant on all cores.
/// </summary>
/// <remarks>Plans what <see cref="InfAdapterPolicy"/> plans. Golden vectors: solver <c>single</c>.</remarks>
public sealed class ModelSwitchingPolicy : IPlanningPolicy
{
    private readonly InfAdapterOptions _options;

    /// <summary>Makes the policy; null = the paper's constants. <see cref="InfAdapterOptions.SingleVariant"/> is always set.</summary>
    /// <exception cref="ArgumentException">A weight is below 0.</exception>
    public ModelSwitchingPolicy(InfAdapterOptions? options = null) =>
        _options = InfAdapterOptions.Checked(options) with { SingleVariant = true };

    /// <inheritdoc/>
    public string Name => PlanningPolicies.ModelSwitching;

    /// <inheritdoc/>
    /// <exception cref="PlanningRefusedException">A pipeline has several tasks, or several device types have slots.</exception>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireSingleTasksOnOneDevice(problem, Name);
        return new InfAdapterPlanner(problem, _options, Name).Plan(cancellationToken);
    }
}
