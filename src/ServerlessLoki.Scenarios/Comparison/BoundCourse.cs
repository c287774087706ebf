using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Simulation.Bounds;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Clairvoyant bound along a scenario's traffic.</summary>
internal static class BoundCourse
{
    /// <summary>Most demands to solve for. With more, several seconds share the mean of their demand, which is exact for the amount served
    /// and slightly off for the rest.</summary>
    private const int MostPoints = 3000;

    /// <summary>Most work for large programs: demands times columns.</summary>
    private const int MostWork = 600_000;

    /// <summary>Computes the bound for every seed.</summary>
    /// <returns>Bound; null where clients wait for answers, so that the traffic depends on the policy, where queries bring longer deadlines
    /// than the SLO, or where a pipeline has too many paths.</returns>
    public static ComparisonBound? Of(
        Scenario scenario, IArrivals arrivals, ImmutableArray<ulong> seeds, ISolver solver, ParallelOptions parallel)
    {
        if (!arrivals.Clients.IsEmpty || ClairvoyantBound.Of(Real(scenario), solver, scenario.Simulation) is not { } bound)
            return null;
        var demands = seeds.Select(s => BySecond(scenario, arrivals, s)).ToArray();
        if (demands.Contains(null))
            return null;
        var runs = new BoundRun[seeds.Length];
        var solved = new ConcurrentDictionary<string, BoundPoint>(StringComparer.Ordinal);
        Parallel.For(0, seeds.Length, parallel, i => runs[i] = Run(bound, scenario.Simulation.WarmUp, demands[i]!, solved, parallel.CancellationToken));
        return new ComparisonBound([.. runs]);
    }

    /// <summary>Returns the real cluster: children as drawn, batches with their real times.</summary>
    private static PlanningProblem Real(Scenario scenario) => scenario.Problem with
    {
        Pipelines = scenario.TrueFanOut.IsEmpty ? scenario.Problem.Pipelines : [.. scenario.Problem.Pipelines.Zip(scenario.TrueFanOut, static (p, real) => p with { FanOut = real })],
        Profile = scenario.Problem.Profile.Scale((_, _) => scenario.Simulation.Slowdown),
    };

    private static BoundRun Run(
        ClairvoyantBound bound, TimeSpan warmUp, List<int[]> demand, ConcurrentDictionary<string, BoundPoint> solved, CancellationToken cancellationToken)
    {
        var step = Step(demand, Math.Clamp(MostWork / Math.Max(1, bound.Size), 50, MostPoints));
        var seconds = ImmutableArray.CreateBuilder<BoundSecond>(demand.Count);
        double asked = 0, served = 0, accuracy = 0, most = 0, slots = 0, price = 0;
        var measured = 0;
        for (var first = 0; first < demand.Count; first += step)
        {
            var last = Math.Min(demand.Count, first + step);
            var qps = new double[demand[first].Length];
            for (var s = first; s < last; s++)
                for (var p = 0; p < qps.Length; p++)
                    qps[p] += (double)demand[s][p] / (last - first);
            var key = string.Join(' ', qps);
            if (!solved.TryGetValue(key, out var point))
                solved[key] = point = bound.At(qps, cancellationToken);
            for (var s = first; s < last; s++)
            {
                seconds.Add(new BoundSecond(point.ServedQps, point.ServedQps > 0 ? point.AccuracyQps / point.ServedQps : double.NaN, point.Slots));
                if (TimeSpan.FromSeconds(s) < warmUp)
                    continue;
                asked += qps.Sum();
                served += point.ServedQps;
                accuracy += point.AccuracyQps;
                most += point.MostAccuracyQps;
                slots += point.Slots;
                price += point.PricePerHour;
                measured++;
            }
        }

        return new BoundRun(served / asked, accuracy / served, most / asked, slots / measured, price / measured, seconds.DrainToImmutable());
    }

    /// <summary>Counts the arrivals up to the end of the traffic, [second][pipeline]; null where a query has more time than the
    /// SLO.</summary>
    private static List<int[]>? BySecond(Scenario scenario, IArrivals arrivals, ulong seed)
    {
        var pipelines = scenario.Problem.Pipelines.Length;
        var seconds = new List<int[]>();
        var stream = arrivals.Open(seed);
        while (stream.TryNext(out var arrival))
        {
            if (arrival.LatencyUs > scenario.Problem.Pipelines[arrival.Pipeline].Pipeline.SloUs)
                return null;
            while (seconds.Count <= arrival.AtUs / 1_000_000)
                seconds.Add(new int[pipelines]);
            seconds[(int)(arrival.AtUs / 1_000_000)][arrival.Pipeline]++;
        }

        while (seconds.Count < (arrivals.DurationUs ?? 0) / 1_000_000)
            seconds.Add(new int[pipelines]);
        return seconds;
    }

    /// <summary>Returns the seconds that share a demand: one, unless too many are different.</summary>
    private static int Step(List<int[]> demand, int points)
    {
        var different = demand.Select(static d => string.Join(' ', d)).Distinct(StringComparer.Ordinal).Count();
        return different <= points ? 1 : (demand.Count + points - 1) / points;
    }
}
