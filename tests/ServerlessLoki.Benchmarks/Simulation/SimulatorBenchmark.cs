using System.Diagnostics;
using System.Globalization;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Benchmarks.Simulation;

/// <summary>How fast the simulator is, on one core, and what it allocates. An event is an arrival, a row that reaches a later
/// queue, the end of a batch (whatever its size), a wake-up, a control step or a fault; rows that leave a batch are not counted.</summary>
internal static class SimulatorBenchmark
{
    private const int Runs = 5;

    public static Task<int> RunAsync(string[] args)
    {
        var full = args.Contains("--day");
        Console.WriteLine("scenario                                queries      events        ms   M events/s   bytes/1,000 events   attainment");
        Measure("one server, one task, 800/s", Simple.OneServer(), s => Arrivals.Poisson(800, s), 3000);
        Measure("two stages, fan-out, 1,000/s, 40 slots", Simple.TwoStages(1000), s => Arrivals.Poisson(1000, s), 600);
        Measure("the same, slots that share 8 cores", Simple.TwoStages(150, shared: true), s => Arrivals.Poisson(150, s), 2000);
        if (ProteusTrace.TryRead(out var problem, out var arrivals))
        {
            Trace("Proteus trace (target: < 150 ms)", problem, arrivals);
            Planned(problem, arrivals);
        }
        else
            Console.WriteLine("Proteus trace: absent; set LOKI_DATA to the folder that holds proteus/trace_medium_normal_load_300.");
        if (full)
            Trace("24 h of two stages at 1,000/s (< 120 s)", Simple.TwoStages(1000), Arrivals.Poisson(1000, TimeSpan.FromDays(1)), runs: 1);
        return Task.FromResult(0);
    }

    private static void Measure(string name, PlanningProblem problem, Func<TimeSpan, IArrivals> arrivals, int seconds)
    {
        var plan = Plan(problem);
        var (_, shortBytes, shortResult) = Run(problem, plan, arrivals(TimeSpan.FromSeconds(seconds / 4)));
        var runs = Enumerable.Range(0, Runs).Select(_ => Run(problem, plan, arrivals(TimeSpan.FromSeconds(seconds)))).ToArray();
        var (_, bytes, result) = runs[^1];
        Print(name, runs.Select(r => r.Ms), result, (bytes - shortBytes) * 1000.0 / (result.Events - shortResult.Events));
    }

    private static void Trace(string name, PlanningProblem problem, IArrivals arrivals, int runs = Runs)
    {
        var plan = Plan(problem);
        var results = Enumerable.Range(0, runs + (runs > 1 ? 1 : 0)).Select(_ => Run(problem, plan, arrivals)).ToArray();
        var (_, bytes, result) = results[^1];
        Print(name, results.Skip(runs > 1 ? 1 : 0).Select(r => r.Ms), result, bytes * 1000.0 / result.Events);
    }

    /// <summary>The same trace planned every second by Proteus' own policy: planning included in the time.</summary>
    private static void Planned(PlanningProblem problem, IArrivals arrivals)
    {
        var start = problem with { Pipelines = [.. problem.Pipelines.Select(p => p with { DemandQps = p.DemandQps * 150 / 1065 })] };
        var watch = Stopwatch.StartNew();
        var result = Simulator.Run(new SimulationProblem
        {
            Cluster = start, Policy = new ProteusPolicy(new BranchAndBoundSolver()), Arrivals = arrivals,
        });
        var total = result.Total;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"planned each second by proteus: {watch.Elapsed.TotalMilliseconds:N0} ms, strict violation {total.Violation:0.0000} (rejected {total.Rejected}, expired {total.Expired}, late {total.Late}), effective accuracy {total.EffectiveAccuracy:0.0000}, worst 10 s {result.WorstAccuracy:0.0000}, swaps {result.Swaps}, servers {result.ServersUsed:0.0}, p99 {total.P99Us / 1000:0} ms"));
    }

    private static (double Ms, long Bytes, SimulationResult Result) Run(PlanningProblem problem, Plan plan, IArrivals arrivals)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var result = Simulator.Estimate(problem, plan, arrivals);
        return (watch.Elapsed.TotalMilliseconds, GC.GetAllocatedBytesForCurrentThread() - before, result);
    }

    private static void Print(string name, IEnumerable<double> times, SimulationResult result, double bytes)
    {
        var ms = times.Order().ElementAt(times.Count() / 2);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-38} {result.Total.Arrivals,9:N0} {result.Events,11:N0} {ms,9:N0} {result.Events / ms / 1000,12:0.00} {bytes,20:0} {result.Total.Attainment,12:0.0000}"));
    }

    private static Plan Plan(PlanningProblem problem) => new LokiPolicy(new BranchAndBoundSolver()).Plan(problem);
}
