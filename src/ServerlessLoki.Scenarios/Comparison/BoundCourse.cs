using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Simulation.Bounds;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>The clairvoyant bound along a scenario's traffic.</summary>
internal static class BoundCourse
{
    /// <summary>Most demands that are solved for: beyond, several seconds share the mean of their demand, which bounds them no lower.</summary>
    private const int MostPoints = 3000;

    /// <summary>Bounds every seed.</summary>
    /// <returns>The bound; null where clients wait for answers, so that the traffic is not the same for all, or a pipeline has too many paths.</returns>
    public static ComparisonBound? Of(
        Scenario scenario, IArrivals arrivals, ImmutableArray<ulong> seeds, ISolver solver, ParallelOptions parallel)
    {
        if (!arrivals.Clients.IsEmpty || ClairvoyantBound.Of(Real(scenario), solver, scenario.Simulation.FanOut) is not { } bound)
            return null;
        var runs = new BoundRun[seeds.Length];
        Parallel.For(0, seeds.Length, parallel, i => runs[i] = Run(bound, scenario, arrivals.Open(seeds[i]), parallel.CancellationToken));
        return new ComparisonBound([.. runs]);
    }

    /// <summary>The cluster as it really is: children as drawn, batches as long as they take.</summary>
    private static PlanningProblem Real(Scenario scenario) => scenario.Problem with
    {
        Pipelines = scenario.TrueFanOut.IsEmpty ? scenario.Problem.Pipelines : [.. scenario.Problem.Pipelines.Zip(scenario.TrueFanOut, static (p, real) => p with { FanOut = real })],
        Profile = scenario.Problem.Profile.Scale((_, _) => scenario.Simulation.Slowdown),
    };

    private static BoundRun Run(ClairvoyantBound bound, Scenario scenario, ArrivalStream arrivals, CancellationToken cancellationToken)
    {
        var pipelines = scenario.Problem.Pipelines.Length;
        var demand = BySecond(arrivals, pipelines);
        var step = Step(demand);
        var solved = new Dictionary<string, BoundPoint>(StringComparer.Ordinal);
        var seconds = ImmutableArray.CreateBuilder<BoundSecond>(demand.Count);
        double asked = 0, served = 0, accuracy = 0, slots = 0, price = 0;
        var measured = 0;
        for (var first = 0; first < demand.Count; first += step)
        {
            var last = Math.Min(demand.Count, first + step);
            var qps = new double[pipelines];
            for (var s = first; s < last; s++)
                for (var p = 0; p < pipelines; p++)
                    qps[p] += (double)demand[s][p] / (last - first);
            var key = string.Join(' ', qps);
            if (!solved.TryGetValue(key, out var point))
                solved[key] = point = bound.At(qps, cancellationToken);
            for (var s = first; s < last; s++)
            {
                seconds.Add(new BoundSecond(point.ServedQps, point.ServedQps > 0 ? point.AccuracyQps / point.ServedQps : double.NaN, point.Slots));
                if (TimeSpan.FromSeconds(s) < scenario.Simulation.WarmUp)
                    continue;
                asked += qps.Sum();
                served += point.ServedQps;
                accuracy += point.AccuracyQps;
                slots += point.Slots;
                price += point.PricePerHour;
                measured++;
            }
        }

        return new BoundRun(served / asked, accuracy / served, slots / measured, price / measured, seconds.DrainToImmutable());
    }

    private static List<int[]> BySecond(ArrivalStream arrivals, int pipelines)
    {
        var seconds = new List<int[]>();
        while (arrivals.TryNext(out var arrival))
        {
            while (seconds.Count <= arrival.AtUs / 1_000_000)
                seconds.Add(new int[pipelines]);
            seconds[(int)(arrival.AtUs / 1_000_000)][arrival.Pipeline]++;
        }

        return seconds;
    }

    /// <summary>Seconds that share a demand: one, unless too many are different.</summary>
    private static int Step(List<int[]> demand)
    {
        var different = demand.Select(static d => string.Join(' ', d)).Distinct(StringComparer.Ordinal).Count();
        return different <= MostPoints ? 1 : (demand.Count + MostPoints - 1) / MostPoints;
    }
}
