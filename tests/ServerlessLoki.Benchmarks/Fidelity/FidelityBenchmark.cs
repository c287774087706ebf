using System.Globalization;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Embedded;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Profiles;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Inference;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>The traffic sample served live and simulated: same profile, same arrivals, same plan.</summary>
/// <remarks>
/// All that the simulation knows of the machine is counted by the host itself in the very round: batch times over the profile and what
/// lies between client and engine; and before, how many children it finds in each scene of the load. What is compared is so the course
/// of the queries, not the machine's pace, which differs from minute to minute. A stall of the machine falls into one of the rounds,
/// and the medians over them do not know it.
/// Promises of the product: p99 within 15 %, attainment within 2 points.
/// </remarks>
internal static class FidelityBenchmark
{
    private const double MostP99Off = 0.15;
    private const double MostPointsOff = 2;
    private const int Scenes = 48;
    private const int Rounds = 5;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(4);

    // As multiples of what the most accurate path carries by its profile: the load, what the plan is made for, and how long a round is.
    private static readonly (string Name, double Share, double Planned, int Seconds)[] Rates =
        [("light", 0.35, 0.35, 11), ("middle", 1.2, 1.2, 7), ("heavy", 2.5, 2.5, 6), ("too much", 3.8, 2.5, 6), ("far too much", 4.5, 1.2, 6)];

    public static async Task<int> RunAsync(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("loki-bench").FullName;
        try
        {
            var file = TrafficSample.PipelinePath;
            var sources = await PipelineFiles.ReadAsync([file], TransformRegistry.Default, new ModelOptions { MaxBatch = 16 }, CancellationToken.None);
            var profile = MeasuredProfile.Of(sources[0]);
            var csv = Path.Combine(folder, "profile.csv");
            await File.WriteAllTextAsync(csv, ProfileCsv.Write(profile));
            await using var host = await EmbeddedHost.StartAsync(
                new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = Path.Combine(folder, "host"), ProfileFile = csv },
                CancellationToken.None);
            var pipeline = host.Engine.Pipelines[0].Pipeline;
            var input = new TensorSpec(pipeline.Input.Name, pipeline.Input.Datatype, pipeline.Input.Shape);
            using var target = new HttpLoadTarget(
                host.BaseAddress, pipeline.Name, BodyPool.Scenes(input, Scenes, TrafficSample.HeldOutSeed), TimeSpan.FromSeconds(10));
            Console.WriteLine("rate              queries/s              p50 ms     p99 ms   in time");
            var kept = true;
            var best = BestPathQps(pipeline, profile);
            foreach (var (name, share, planned, seconds) in Rates.Where(r => args.Length == 0 || args.Contains(r.Name)))
                kept &= await CompareAsync(host, target, name, share * best, planned * best, TimeSpan.FromSeconds(seconds));
            return kept ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task<bool> CompareAsync(EmbeddedHost host, HttpLoadTarget target, string name, double qps, double plannedQps, TimeSpan length)
    {
        var engine = host.Engine;
        await engine.ForcePlanAsync(null, CancellationToken.None);
        await SendAsync(target, Schedule(plannedQps, Settle, 1), 1);
        // Forcing what is in force takes over what was measured; the plan to compare then is made for the very rate.
        await engine.ForcePlanAsync(engine.Plan, CancellationToken.None);
        var plan = PlanningPolicies.Create(PlanningPolicies.Loki, new BranchAndBoundSolver())
            .Plan(engine.Problem! with { Pipelines = [engine.Problem!.Pipelines[0] with { DemandQps = plannedQps }] });
        await engine.ForcePlanAsync(plan, CancellationToken.None);
        await SendAsync(target, Schedule(qps, Settle, 2), 2);
        await engine.ForcePlanAsync(plan, CancellationToken.None);
        var problem = engine.Problem!;
        var simulation = new SimulationProblem
        {
            Cluster = problem,
            Plan = engine.Plan,
            Arrivals = Arrivals.Recorded([]),
            Recorded = [await SceneChildren.OfAsync(engine, problem.Pipelines[0].Pipeline, Scenes, TrafficSample.HeldOutSeed)],
            // A forced plan has no backups beside it.
            Options = SimulationOptions.EmbeddedHost with { Standby = false, Noise = ServiceNoise.Profiled },
        };
        var sloMs = problem.Pipelines[0].Pipeline.SloUs / 1000.0;
        var rounds = new List<FidelityRound>();
        for (var round = 0UL; round < Rounds; round++)
            rounds.Add(await FidelityRound.RunAsync(engine, target, Schedule(qps, length, 3 + round), simulation, sloMs));
        var (live, simulated) = (Figures.Middle([.. rounds.Select(r => r.Live)]), Figures.Middle([.. rounds.Select(r => r.Simulated)]));
        Print(name, qps, plan, live, simulated, problem.Pipelines[0].Pipeline);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  p99 of the rounds, live / simulated: {string.Join(", ", rounds.Select(r => $"{r.Live.P99Ms:0} / {r.Simulated.P99Ms:0}"))} ms"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  client and HTTP {Median.Of(rounds.Select(r => r.WireMs)):0.0} ms; real over expected batch times in each round, rows per batch live and simulated (last round):"));
        var last = rounds[^1];
        foreach (var (variant, rows) in last.LiveRows)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    {variant,-20} {string.Join(" ", rounds.Select(r => $"{r.Pace.GetValueOrDefault(variant, double.NaN),5:0.00}"))} {rows,7:0.00} {last.SimulatedRows.GetValueOrDefault(variant),6:0.00}"));
        }

        return Math.Abs((simulated.P99Ms / live.P99Ms) - 1) <= MostP99Off
            && Math.Abs(simulated.Attainment - live.Attainment) * 100 <= MostPointsOff;
    }

    private static void Print(string name, double qps, Plan plan, Figures live, Figures simulated, Pipeline pipeline)
    {
        var slots = string.Join(", ", plan.Slots.Select(s => $"{s.Replicas} × {pipeline.Tasks[s.Task].Variants[s.Variant].Name} ({s.Batch})"));
        Console.WriteLine($"{name}: {slots}");
        Line("live", qps, live);
        Line("simulated", qps, simulated);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  difference                   {(simulated.P50Ms / live.P50Ms) - 1,10:+0.0%;-0.0%} {(simulated.P99Ms / live.P99Ms) - 1,10:+0.0%;-0.0%} {(simulated.Attainment - live.Attainment) * 100,9:+0.0;-0.0}   (promise: p99 within {MostP99Off:0 %}, {MostPointsOff} points)"));
    }

    private static void Line(string what, double qps, Figures f) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"  {what,-12} {qps,12:0.0}    {f.P50Ms,10:0.0} {f.P99Ms,10:0.0} {f.Attainment,9:0.0%}"));

    private static Cli.Load.Arrival[] Schedule(double qps, TimeSpan length, ulong seed) =>
        ArrivalSchedule.Build([new LoadPhase("steady", qps, qps, length)], ArrivalKind.Poisson, seed);

    private static Task<LoadRecord[]> SendAsync(HttpLoadTarget target, Cli.Load.Arrival[] schedule, ulong seed) =>
        new LoadGenerator(target, TimeProvider.System).RunAsync(schedule, seed, CancellationToken.None);

    /// <summary>Queries per second that all cores carry on the most accurate path, one by one, with two children of each kind.</summary>
    private static double BestPathQps(Pipeline pipeline, LatencyProfile profile) =>
        Environment.ProcessorCount * 1e6 / pipeline.Tasks.Sum(t =>
            (t.Index == 0 ? 1 : 2) * profile.Find(t.Variants.MaxBy(v => v.Accuracy)!.Name, "cpu")!.LatencyUs(1));
}
