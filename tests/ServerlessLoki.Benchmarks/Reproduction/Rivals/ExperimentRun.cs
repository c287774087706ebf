using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary>Measures an experiment: each rival as published and at its best, the other baselines as published, and <c>unified</c>.</summary>
internal static class ExperimentRun
{
    private const string Published = "published";

    /// <summary>Runs it; the policies come in the order rivals, others, rivals at their best, <c>unified</c>.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="settings">Name under which the settings were kept; null = the experiment's.</param>
    /// <param name="isTold">Whether the summary tells of it.</param>
    public static ComparisonResult Run(Experiment experiment, string? settings = null, bool isTold = true)
    {
        var best = Best(experiment, settings ?? experiment.Name);
        var scenario = experiment.Scenario with { Policies = [.. experiment.Scenario.Policies, .. best.Select(b => b.Setting.Apply(experiment.Scenario, b.Policy))] };
        string[] labels = [.. experiment.Rivals, .. experiment.Others, .. best.Select(b => b.Setting.Label(b.Policy)), PlanningPolicies.Unified];
        var result = ScenarioComparison.Run(scenario, labels, new ComparisonOptions { Trace = experiment.Trace, Seeds = experiment.Seeds });
        if (isTold)
            Summary.Keep(experiment.Name, [.. Duels(experiment, best, result)]);
        return result;
    }

    private static ImmutableArray<(string Policy, RivalSetting Setting)> Best(Experiment experiment, string settings) =>
        [.. experiment.Rivals.Select(r => (Policy: r, Setting: BestSettings.Of(settings, r)!)).Where(b => b.Setting is not null)];

    private static IEnumerable<Duel> Duels(Experiment experiment, ImmutableArray<(string Policy, RivalSetting Setting)> best, ComparisonResult result)
    {
        var by = result.Policies.Where(p => p.Refused is null).ToDictionary(p => p.Label, StringComparer.Ordinal);
        if (!by.TryGetValue(PlanningPolicies.Unified, out var ours))
            yield break;
        foreach (var (policy, label, setting) in experiment.Rivals.Select(r => (r, r, Published)).Concat(best.Select(b => (b.Policy, b.Setting.Label(b.Policy), b.Setting.ToString()))))
        {
            if (by.TryGetValue(label, out var theirs))
                yield return Of(experiment, policy, setting, ours, theirs, result.Bound);
        }
    }

    private static Duel Of(Experiment experiment, string rival, string setting, PolicyComparison ours, PolicyComparison theirs, ComparisonBound? bound) => new(
        experiment.Name, rival, setting, Figures(ours, experiment), Figures(theirs, experiment),
        bound is null ? null : new Duel.Figures(1 - bound[ComparisonMetrics.Attainment].Mean, bound[ComparisonMetrics.Accuracy].Mean, bound[experiment.Cost].Mean),
        [
            Verdict.OfShare(ours[ComparisonMetrics.Violation], theirs[ComparisonMetrics.Violation], isHigherBetter: false),
            Verdict.OfShare(ours[ComparisonMetrics.Accuracy], theirs[ComparisonMetrics.Accuracy], isHigherBetter: true),
            Verdict.OfCost(ours[experiment.Cost], theirs[experiment.Cost]),
        ]);

    private static Duel.Figures Figures(PolicyComparison policy, Experiment experiment) =>
        new(policy[ComparisonMetrics.Violation].Mean, policy[ComparisonMetrics.Accuracy].Mean, policy[experiment.Cost].Mean);
}
