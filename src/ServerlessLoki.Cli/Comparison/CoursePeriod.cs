using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Cli.Comparison;

/// <summary>Period of some seconds of a simulation.</summary>
/// <param name="AskedQps">Queries that arrived, per second.</param>
/// <param name="OnTimeQps">Queries answered in time, per second.</param>
/// <param name="Attainment">Share of queries answered in time in all that ended, 0..1; NaN when none did.</param>
/// <param name="Accuracy">Mean accuracy of the queries answered in time, 0..1; NaN without any.</param>
/// <param name="WorstP99Ms">Largest p99 of a second; NaN without answers.</param>
/// <param name="Servers">Mean slots in use.</param>
internal sealed record CoursePeriod(double AskedQps, double OnTimeQps, double Attainment, double Accuracy, double WorstP99Ms, double Servers)
{
    /// <summary>Sums up seconds.</summary>
    public static CoursePeriod Of(PolicyTimeline timeline, int from, int seconds)
    {
        var (asked, onTime, ended, accuracy, p99, servers) = (0L, 0L, 0L, 0.0, double.NaN, 0L);
        for (var i = from; i < from + seconds; i++)
        {
            var second = timeline.Seconds[i];
            asked += second.Arrivals;
            onTime += second.OnTime;
            ended += second.OnTime + second.Late + second.Rejected + second.Expired;
            accuracy += second.AccuracySum;
            servers += second.Servers;
            if (!float.IsNaN(second.P99Us) && !(second.P99Us <= p99 * 1000))
                p99 = second.P99Us / 1000;
        }

        return new CoursePeriod(
            (double)asked / seconds, (double)onTime / seconds, (double)onTime / ended, accuracy / onTime, p99, (double)servers / seconds);
    }

    /// <summary>Writes the variant with the most slots of each task in one second.</summary>
    public static string Variants(PlanningProblem problem, PolicyTimeline timeline, int second)
    {
        var tasks = timeline.Variants.Where(v => v.Slots[second] > 0)
            .GroupBy(v => (v.Pipeline, v.Task)).Select(g => g.MaxBy(v => v.Slots[second])!)
            .Select(v => (v.Slots[second], Text: $"{Short(problem, v)} ×{v.Slots[second]}"));
        // Of many models the largest tell the story, and a line is short.
        var told = problem.Pipelines.Length == 1 ? 3 : 1;
        var texts = tasks.ToArray();
        return texts.Length <= told ? string.Join(' ', texts.Select(t => t.Text))
            : string.Join(' ', texts.OrderByDescending(t => t.Item1).Take(told).Select(t => t.Text)) + " …";
    }

    // "detect-n" of the task "detect" needs no more than "n" where the task is plain from the place.
    private static string Short(PlanningProblem problem, VariantServers variant)
    {
        var task = problem.Pipelines[variant.Pipeline].Pipeline.Tasks[variant.Task].Name;
        return variant.Name.StartsWith(task + "-", StringComparison.Ordinal) && problem.Pipelines.Length == 1 ? variant.Name[(task.Length + 1)..] : variant.Name;
    }
}
