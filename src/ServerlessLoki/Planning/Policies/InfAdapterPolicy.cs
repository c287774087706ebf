using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.InfAdapter;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// InfAdapter (integer program): a set of variants of one model at once, each with its own number of cores, that covers
/// the demand with the best AA − w_R·RC − w_L·LC. Exact. Where nothing covers the demand: serve most, then the same.
/// </summary>
/// <remarks>Plans pipelines of one task only on one kind of device, whose slots are the cores; batch 1 (1.4). With
/// <see cref="PlanningProblem.Cores"/> every variant is one container of n cores; without, n replicas of one slot.
/// Several pipelines share the cores: AA and LC are then weighted by demand.</remarks>
public sealed class InfAdapterPolicy : IPlanningPolicy
{
    private readonly InfAdapterOptions _options;

    /// <summary>Makes the policy; null = the paper's constants.</summary>
    /// <exception cref="ArgumentException">A weight is below 0.</exception>
    public InfAdapterPolicy(InfAdapterOptions? options = null) => _options = InfAdapterOptions.Checked(options);

    /// <inheritdoc/>
    public string Name => PlanningPolicies.InfAdapter;

    /// <inheritdoc/>
    /// <exception cref="PlanningRefusedException">A pipeline has several tasks, or several device types have slots.</exception>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireSingleTasksOnOneDevice(problem, Name);
        return new InfAdapterPlanner(problem, _options, Name).Plan(cancellationToken);
    }
}
