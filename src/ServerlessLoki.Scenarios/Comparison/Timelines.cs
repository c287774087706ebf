using ServerlessLoki.Planning;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Conversion of plans over time to slots by variant per second.</summary>
internal static class Timelines
{
    public static PolicyTimeline Of(PolicyRun run, PlanningProblem problem)
    {
        var seconds = run.Result.Seconds.Length;
        var slots = new SortedDictionary<(int Pipeline, int Task, int Variant), int[]>();
        var plans = run.Result.Plans;
        for (var (second, next) = (0, 0); second < seconds; second++)
        {
            while (next < plans.Length && plans[next].InForceUs < (second + 1) * 1_000_000L)
                next++;
            foreach (var group in plans[Math.Max(0, next - 1)].Plan.Slots)
            {
                var key = (group.Pipeline, group.Task, group.Variant);
                if (!slots.TryGetValue(key, out var counts))
                    slots[key] = counts = new int[seconds];
                counts[second] += group.SlotsTaken;
            }
        }

        return new PolicyTimeline(
            run.Seed, run.Result.Seconds, [.. slots.Select(s => Variant(problem, s.Key, s.Value))], plans, run.PlanTimesMs);
    }

    private static VariantServers Variant(PlanningProblem problem, (int Pipeline, int Task, int Variant) key, int[] slots)
    {
        var variant = problem.Pipelines[key.Pipeline].Pipeline.Tasks[key.Task].Variants[key.Variant];
        return new VariantServers(key.Pipeline, key.Task, key.Variant, variant.Name, variant.Accuracy, [.. slots]);
    }
}
