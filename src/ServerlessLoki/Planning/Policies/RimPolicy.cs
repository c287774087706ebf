using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.Ipa;

namespace ServerlessLoki.Planning.Policies;

/// <summary>
/// RIM as IPA compares with it (IPA, baselines): the number of replicas of each task is fixed once, the variant (and, as in the
/// artifact, the batch) is free, by the same program as <see cref="IpaPolicy"/>. Accuracy gives way to load, hardware does not move.
/// </summary>
/// <remarks>The published runs over-provision by hand: <see cref="RimOptions.Replicas"/>. Cost still changes with the cores of
/// the variants.</remarks>
public sealed class RimPolicy : IPlanningPolicy
{
    private readonly RimOptions _options;

    /// <summary>Makes the policy; null = the default settings.</summary>
    /// <exception cref="ArgumentException">A replica count or the replica limit is below 1, or a weight below 0.</exception>
    public RimPolicy(RimOptions? options = null)
    {
        _options = options ?? new RimOptions();
        IpaOptions.Checked(_options.Objective);
        var none = _options.Replicas.Where(r => r.Value < 1).Select(r => $"$.replicas.{r.Key}: found {r.Value}; allowed: at least 1").ToList();
        if (none.Count > 0)
            throw new ArgumentException(string.Join(". ", none), nameof(options));
    }

    /// <inheritdoc/>
    public string Name => PlanningPolicies.Rim;

    /// <inheritdoc/>
    /// <exception cref="PlanningRefusedException">Branches of a pipeline meet again, or several device types have slots.</exception>
    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PolicyLimits.RequireTreesOnOneDevice(problem, Name);
        var slots = problem.Devices[IpaPlanner.DeviceOf(problem)].Slots / Math.Max(1, problem.Pipelines.Sum(p => p.Pipeline.Tasks.Length));
        var pins = problem.Pipelines.Select(p => p.Pipeline.Tasks.Select(t => (int?)Replicas(problem, t, slots)).ToArray()).ToArray();
        return new IpaPlanner(problem, _options.Objective, new IpaPins(Replicas: pins), Name, cancellationToken).Plan();
    }

    private int Replicas(PlanningProblem problem, PipelineTask task, int slots)
    {
        if (_options.Replicas.TryGetValue(task.Name, out var replicas))
            return replicas;
        var largest = task.Variants.Max(v => problem.Cores?.CoresPerReplica.GetValueOrDefault(v.Name, 1) ?? 1);
        return Math.Clamp(slots / largest, 1, _options.Objective.MaxReplicas);
    }
}
