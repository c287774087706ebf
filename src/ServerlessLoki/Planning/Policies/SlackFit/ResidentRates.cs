using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.SlackFit;

/// <summary>How fast queries came lately, by pipeline: their rates over windows as long as the objective, the span in which a slot can make up for a
/// burst. A plan is only replaced once a second or later; until then its slots take what comes.</summary>
internal sealed class ResidentRates
{
    /// <summary>Longest look back: what is longer ago is another time of the day.</summary>
    private const double Seconds = 15;

    /// <summary>Fewest windows that show more than the mean.</summary>
    private const int LeastWindows = 20;

    /// <summary>Where nothing was seen: independent arrivals are rarely this many standard deviations above their mean.</summary>
    private const double Deviations = 2;

    private readonly ImmutableArray<ImmutableArray<(double Qps, double Share)>> _rates;

    private ResidentRates(ImmutableArray<ImmutableArray<(double Qps, double Share)>> rates) => _rates = rates;

    /// <summary>Rates of a pipeline with the share of its queries that came at each; ascending.</summary>
    public ImmutableArray<(double Qps, double Share)> this[int pipeline] => _rates[pipeline];

    /// <summary>Reads the arrivals of the problem. Rates are raised to the demand that is planned for, but not lowered: what came may come again.</summary>
    public static ResidentRates Of(PlanningProblem problem) => new([.. problem.Pipelines.Select((p, i) => Of(problem, p, i))]);

    /// <summary>Largest share of a pipeline's queries that came faster than a plan of one variant in a slot carries with the mix of variants that it has.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="plan">Plan that answers it.</param>
    public double Overrun(PlanningProblem problem, Plan plan) => problem.Pipelines.Select((p, i) => Overrun(_rates[i], p.DemandQps * plan.ServedShare[i], [.. plan.Slots.Where(s => s.Pipeline == i)])).Max();

    private static double Overrun(ImmutableArray<(double Qps, double Share)> rates, double servedQps, ImmutableArray<SlotGroup> slots)
    {
        var room = slots.GroupBy(s => s.Task).Select(t => t.Sum(s => s.CapacityQps) / Math.Max(1e-9, t.Sum(s => s.LoadQps))).DefaultIfEmpty(0).Min();
        return rates.Sum(r => r.Share * Math.Max(0, 1 - (servedQps * room / Math.Max(1e-9, r.Qps))));
    }

    private static ImmutableArray<(double Qps, double Share)> Of(PlanningProblem problem, PipelineDemand demand, int pipeline)
    {
        var windowUs = demand.Pipeline.SloUs;
        var counts = Counts(problem, pipeline, windowUs);
        var sum = counts.Sum();
        if (counts.Length < LeastWindows || sum == 0)
            return [(demand.DemandQps + (Deviations * Math.Sqrt(demand.DemandQps / (windowUs * 1e-6))), 1)];
        var scale = Math.Max(1, demand.DemandQps * counts.Length * windowUs * 1e-6 / sum) / (windowUs * 1e-6);
        return [.. counts.Where(c => c > 0).CountBy(c => c).OrderBy(c => c.Key).Select(c => (c.Key * scale, (double)c.Key * c.Value / sum))];
    }

    private static int[] Counts(PlanningProblem problem, int pipeline, double windowUs)
    {
        if (problem.Recent is not { } recent)
            return [];
        var counts = new int[(int)(Math.Min(recent.Length.TotalSeconds, Seconds) * 1e6 / windowUs)];
        foreach (var arrival in recent.Arrivals)
        {
            var age = (int)((recent.NowUs - arrival.AtUs) / windowUs);
            if (arrival.Pipeline == pipeline && age < counts.Length)
                counts[age]++;
        }

        return counts;
    }
}
