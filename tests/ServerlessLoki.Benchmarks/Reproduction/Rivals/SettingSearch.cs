using ServerlessLoki.Scenarios;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary>Search of a policy's best setting on traffic that is not measured afterwards: another seed, or a part of a recorded trace.</summary>
internal static class SettingSearch
{
    /// <summary>Seed of the search; the measured ones are 1 to 5.</summary>
    public const ulong TrainingSeed = 101;

    /// <summary>Largest share of violations that a setting may have, the objective of the published systems: their p99 is to hold.</summary>
    public const double Allowed = 0.01;

    /// <summary>Tries every setting of the grid.</summary>
    /// <returns>The best: of those that hold <see cref="Allowed"/> the one with the most accuracy less the price of its cost; where none holds
    /// it, the one with the most accuracy over all queries. Null where the policy refuses.</returns>
    public static RivalSetting? Best(Experiment experiment, string policy) =>
        Runs(experiment, policy).Where(p => p.Run.Refused is null).OrderBy(p => p.Run, Order(experiment)).Select(p => p.Setting).FirstOrDefault();

    /// <summary>Tries every setting of the grid on several experiments.</summary>
    /// <returns>The one that holds <see cref="Allowed"/> in most of them; of several such the one with the most accuracy over all queries.</returns>
    public static RivalSetting? BestOfMany(IReadOnlyList<Experiment> experiments, string policy) => experiments
        .SelectMany(e => Runs(e, policy)).Where(p => p.Run.Refused is null).GroupBy(p => p.Setting)
        .OrderByDescending(g => g.Count(p => Holds(p.Run))).ThenByDescending(g => g.Average(p => p.Run[ComparisonMetrics.AccuracyOverAll].Mean))
        .Select(g => g.Key).FirstOrDefault();

    private static IEnumerable<(PolicyComparison Run, RivalSetting Setting)> Runs(Experiment experiment, string policy)
    {
        var trace = experiment.Scenario.Trace(experiment.Trace);
        var scenario = experiment.Scenario with
        {
            Policies = [.. RivalSetting.Grid.Select(s => s.Apply(experiment.Scenario, policy))],
            Traces = experiment.TrainingPart is { } part ? [new ScenarioTrace(trace.Name, new FirstPart(trace.Arrivals, part))] : [trace],
        };
        var result = ScenarioComparison.Run(scenario, [.. scenario.Policies.Select(p => p.Label)], new ComparisonOptions { Seeds = [TrainingSeed], Bound = false });
        return result.Policies.Zip(RivalSetting.Grid);
    }

    /// <summary>Order of settings, best first.</summary>
    private static Comparer<PolicyComparison> Order(Experiment experiment) => Comparer<PolicyComparison>.Create((a, b) =>
    {
        var (holdsA, holdsB) = (Holds(a), Holds(b));
        if (holdsA != holdsB)
            return holdsA ? -1 : 1;
        if (!holdsA)
            return b[ComparisonMetrics.AccuracyOverAll].Mean.CompareTo(a[ComparisonMetrics.AccuracyOverAll].Mean);
        var (worthA, worthB) = (Worth(experiment, a), Worth(experiment, b));
        return Math.Abs(worthA - worthB) > 1e-6 ? worthB.CompareTo(worthA) : a[experiment.Cost].Mean.CompareTo(b[experiment.Cost].Mean);
    });

    private static bool Holds(PolicyComparison policy) => policy[ComparisonMetrics.Violation].Mean <= Allowed;

    private static double Worth(Experiment experiment, PolicyComparison policy) =>
        policy[ComparisonMetrics.AccuracyOverAll].Mean - (experiment.CostWeight * policy[experiment.Cost].Mean);
}
