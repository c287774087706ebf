using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Ipa;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// IPA (integer program): for every task one variant, one batch size and as many replicas as the load needs, maximising
/// α·score − β·cores − δ·batches with Σ (p99 + (b − 1) / λ) within the objective on every path. Exact, by dynamic
/// programming over tasks (2.6). Where nothing fits: the largest share of the demand that does, then the same.
/// </summary>
/// <remarks>Beyond the paper: pipelines may branch and have fan-out, several share the device (their objectives add up), and its
/// slots limit all cores. All devices must be of one kind. Replicas take the cores that <see cref="PlanningProblem.Cores"/>
/// names, else one slot. Throughput is batch / p50, latency is p99, as the paper's profiles have them (1.2).</remarks>
public sealed class IpaPolicy : IPlanningPolicy
{
    private readonly IpaOptions _options;

    /// <summary>Makes the policy; null = the paper's constants.</summary>
    /// <exception cref="ArgumentException">A weight is below 0 or the replica limit below 1.</exception>
    public IpaPolicy(IpaOptions? options = null) => _options = IpaOptions.Checked(options);

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Ipa;

    /// <inheritdoc/>
    /// <exception cref="PlanningRefusedException">Branches of a pipeline meet again, or several device types have slots.</exception>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireTreesOnOneDevice(problem, Name);
        return new IpaPlanner(problem, _options, IpaPins.None, Name, cancellationToken).Plan();
    }
}
