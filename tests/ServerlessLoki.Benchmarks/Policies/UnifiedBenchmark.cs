using System.Globalization;
using ServerlessLoki.Benchmarks.Simulation;
using ServerlessLoki.Planning;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Benchmarks.Policies;

/// <summary><c>unified</c> beside the systems that it takes in, strict metrics: Loki's cluster at constant rates and over a day's shape,
/// Proteus' trace.</summary>
internal static class UnifiedBenchmark
{
    private static readonly string[] LokiPolicies = [PlanningPolicies.HardwareOnly, PlanningPolicies.Loki, PlanningPolicies.Unified];
    private static readonly double[] Rates = [100, 150, 200, 300, 425, 600, 1000, 1500];
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(25);

    private static ulong Seed { get; set; } = 3;

    public static Task<int> RunAsync(string[] args)
    {
        Seed = args.FirstOrDefault() is { } seed ? ulong.Parse(seed, CultureInfo.InvariantCulture) : Seed;
        if (!LokiSetup.TryRead(Rates[0], out _) || !ProteusTrace.TryRead(out var proteus, out var trace))
        {
            Console.WriteLine("The public data is absent: set LOKI_DATA to the folder that holds loki and proteus.");
            return Task.FromResult(0);
        }

        Console.WriteLine("experiment               policy         violation   accuracy   servers   swaps   p99 ms   plan ms (median, largest)");
        foreach (var qps in Rates)
        {
            LokiSetup.TryRead(qps, out var problem);
            foreach (var policy in LokiPolicies)
                Print($"loki, {qps} q/s", policy, problem, Arrivals.Poisson(qps, Length), warmUpSeconds: 5);
        }

        LokiSetup.TryRead(50, out var day);
        foreach (var policy in LokiPolicies)
            Print("loki, 50..425 q/s", policy, day, Arrivals.Replay(Shape(trace, 50, 425)), warmUpSeconds: 0);
        var start = proteus with { Pipelines = [.. proteus.Pipelines.Select(p => p with { DemandQps = p.DemandQps * 150 / 1065 })] };
        foreach (var policy in new[] { PlanningPolicies.Proteus, PlanningPolicies.Unified })
            Print("proteus trace", policy, start, trace, warmUpSeconds: 0);
        return Task.FromResult(0);
    }

    private static void Print(string name, string policy, PlanningProblem problem, IArrivals arrivals, double warmUpSeconds)
    {
        var timed = new StopwatchPolicy(PlanningPolicies.Create(policy, new BranchAndBoundSolver()));
        var result = Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Policy = timed, Arrivals = arrivals, Options = new SimulationOptions { WarmUp = TimeSpan.FromSeconds(warmUpSeconds), Seed = Seed },
        });
        var total = result.Total;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-24} {policy,-14} {100 * total.Violation,8:0.00} % {100 * total.EffectiveAccuracy,10:0.00} {result.ServersUsed,9:0.0} {result.Swaps,7} {total.P99Us / 1000,8:0} {timed.MedianMs,9:0.0} {timed.LargestMs,6:0}"));
    }

    // Loki's workload of the evaluation: the shape of a public trace, smoothed over five seconds and scaled.
    private static IEnumerable<double> Shape(IArrivals trace, double low, double high)
    {
        var seconds = (int)Math.Ceiling(trace.DurationUs!.Value / 1e6);
        var counts = new double[seconds];
        var stream = trace.Open(1);
        while (stream.TryNext(out var arrival))
            counts[Math.Min(seconds - 1, arrival.AtUs / 1_000_000)]++;
        var smooth = counts.Select((_, i) => counts[Math.Max(0, i - 2)..Math.Min(seconds, i + 3)].Average()).ToArray();
        return smooth.Select(c => low + ((high - low) * (c - smooth.Min()) / (smooth.Max() - smooth.Min())));
    }
}
