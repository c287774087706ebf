using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Vpa;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// VPA+ (InfAdapter, baselines): one fixed variant, its cores from the recommendation of Kubernetes' vertical autoscaler: the 90th
/// percentile of the CPU use seen, times 1.15, rounded up. It grows at once and shrinks only after four decisions that all
/// wanted less. No forecast, no accuracy.
/// </summary>
/// <remarks>Emulated offline: CPU use of a second is its arrivals times the core time of a query, at most the cores there are;
/// within <see cref="VpaOptions.Window"/> the recommender's half-life of 24 h makes no difference. The four decisions are
/// recomputed from the arrivals, so nothing is remembered. Before arrivals were seen for a minute the demand is what it goes by.
/// Plans what <see cref="InfAdapterPolicy"/> plans.</remarks>
public sealed class VpaPolicy : IPlanningPolicy
{
    private readonly VpaOptions _options;

    /// <summary>Makes the policy; null = the default settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of bounds; lists all.</exception>
    public VpaPolicy(VpaOptions? options = null) => _options = VpaOptions.Checked(options);

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Vpa;

    /// <inheritdoc/>
    public bool ScalesAccuracy => false;

    /// <inheritdoc/>
    public TimeSpan History => _options.Window;

    /// <inheritdoc/>
    /// <exception cref="PlanningRefusedException">A pipeline has several tasks, several device types have slots, or there is no
    /// such variant.</exception>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireSingleTasksOnOneDevice(problem, Name);
        PolicyLimits.RequireVariants(problem, Name, _options.Variants);
        return new VpaPlanner(problem, _options, Name).Plan();
    }
}
