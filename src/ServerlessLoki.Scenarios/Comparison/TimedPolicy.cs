using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Policy wrapper that measures the time of each plan.</summary>
internal sealed class TimedPolicy(IPlanningPolicy policy, TimeProvider clock) : IPlanningPolicy
{
    private readonly List<double> _timesMs = [];

    public string Name => policy.Name;

    public bool ScalesAccuracy => policy.ScalesAccuracy;

    public TimeSpan History => policy.History;

    public ImmutableArray<double> TimesMs => [.. _timesMs];

    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        var before = clock.GetTimestamp();
        var plan = policy.Plan(problem, cancellationToken);
        _timesMs.Add(clock.GetElapsedTime(before).TotalMilliseconds);
        return plan;
    }
}
