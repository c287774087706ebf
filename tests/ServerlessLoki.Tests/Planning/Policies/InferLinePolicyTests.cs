using System.Collections.Immutable;
using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.InferLine;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.Simulation;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class InferLinePolicyTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // prep on cpu; cls on cpu or ten times as fast, and dear, on gpu.
    private static PlanningProblem Cluster(double sloMs, double demandQps, ArrivalWindow? sample = null)
    {
        var pipeline = SimCases.Chain("a", sloMs, 2);
        int[] batches = [1, 2, 4, 8, 16];
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, demandQps, FanOut.One(pipeline))],
            Devices = [new DeviceType("cpu", 60, 1, 0.07), new DeviceType("gpu", 20, 1, 2.5)],
            Profile = new LatencyProfile([
                .. batches.Select(b => SimCases.Row("a00", b, 1 + (3 * b), "cpu")),
                .. batches.Select(b => SimCases.Row("a10", b, 40 + (40 * b), "cpu")),
                .. batches.Select(b => SimCases.Row("a10", b, 6 + (2 * b), "gpu"))]),
            Recent = sample,
        };
    }

    private static ArrivalWindow Sample(IArrivals arrivals, TimeSpan length)
    {
        var seen = ImmutableArray.CreateBuilder<Arrival>();
        for (var stream = arrivals.Open(7); stream.TryNext(out var arrival) && arrival.AtUs <= length.TotalMicroseconds;)
            seen.Add(arrival);
        return new ArrivalWindow(0, (long)length.TotalMicroseconds, seen.ToImmutable());
    }

    private static SimulationResult Simulate(PlanningProblem cluster, IArrivals arrivals, IPlanningPolicy? policy, Plan? plan = null) => Simulator.Run(
        new SimulationProblem
        {
            Cluster = cluster,
            Arrivals = arrivals,
            Policy = policy,
            Plan = plan,
            Options = new SimulationOptions { Batching = BatchingRule.FixedSize, Admission = AdmissionRule.All, ModelLoad = TimeSpan.FromSeconds(1) },
        },
        Token);

    [Fact]
    public void Plan_LooseObjective_GoesToTheCheapDevice()
    {
        var sample = Sample(Arrivals.Poisson(20, Minute), Minute);

        var tight = new InferLinePolicy().Plan(Cluster(40, 20, sample), Token);
        var loose = new InferLinePolicy().Plan(Cluster(400, 20, sample), Token);

        Assert.Equal(["gpu", "cpu"], new[] { tight, loose }.Select(p => p.Slots.Single(s => s.Task == 1).Device == 1 ? "gpu" : "cpu"));
        Assert.True(loose.CostPerHour < tight.CostPerHour);
        Assert.All(new[] { tight, loose }, p => Assert.True(p.Proof.Bound <= p.CostPerHour));
        Assert.True(loose.PredictedP99Us[0] <= 400_000);
        Assert.Contains(loose.Why, w => w.Contains("downgrade stage 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_RandomProblems_ValidAtAnyLoad()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var problem = Synthetic.Random(seed);
            var faults = PlanChecker.Faults(problem, new InferLinePolicy(new InferLineOptions { SampleQueries = 300 }).Plan(problem, Token));

            Assert.True(faults.Count == 0, $"seed {seed}: {string.Join("; ", faults)}");
        }
    }

    [Fact]
    public void Plan_FarBeyondTheCluster_ServesAShareOfIt()
    {
        var plan = new InferLinePolicy().Plan(Cluster(100, 1e6), Token);

        Assert.InRange(plan.ServedShare[0], 1e-4, 0.05);
        Assert.Equal("overload", plan.Proof.Step);
        Assert.Empty(PlanChecker.Faults(Cluster(100, 1e6), plan));
    }

    [Fact]
    public void Plan_NoDemand_OneReplicaOfEach()
    {
        var plan = new InferLinePolicy().Plan(Cluster(400, 0), Token);

        Assert.Equal([1, 1], plan.Slots.Select(s => s.Replicas));
        Assert.All(plan.Slots, s => Assert.Equal(0, s.Device));
    }

    [Fact]
    public void Plan_NamedVariant_RunsThatOne()
    {
        var problem = Synthetic.Problem(20, 10, -1, 0);
        var options = new InferLineOptions { Variants = ImmutableDictionary<string, string>.Empty.Add("t1", "p-t1-v1") };

        Assert.Equal([3, 1], new InferLinePolicy(options).Plan(problem, Token).Slots.OrderBy(s => s.Task).Select(s => s.Variant));
    }

    [Fact]
    public void Plan_NothingNew_KeepsTheSeed()
    {
        var cluster = Cluster(400, 20, Sample(Arrivals.Poisson(20, Minute), Minute));
        var policy = new InferLinePolicy(InferLinePolicy.RelativeOptions);
        var first = policy.Plan(cluster, Token);
        var stamped = policy.Plan(cluster with { Previous = first }, Token);

        var again = policy.Plan(cluster with { Previous = stamped }, Token);

        Assert.Same(stamped.PolicyState, again.PolicyState);
        Assert.False(PlanChange.ShouldReplace(stamped, again, cluster));
        Assert.True(PlanChange.ShouldReplace(first, stamped, cluster));
    }

    [Fact]
    public void Plan_DeviceGone_PlansAnew()
    {
        var cluster = Cluster(40, 20, Sample(Arrivals.Poisson(20, Minute), Minute));
        var policy = new InferLinePolicy();
        var before = policy.Plan(cluster, Token);
        var fewer = cluster with { Devices = [cluster.Devices[0], cluster.Devices[1] with { Slots = 2 }], Previous = before };

        Assert.NotSame(before.PolicyState, policy.Plan(fewer, Token).PolicyState);
        Assert.Empty(PlanChecker.Faults(fewer, policy.Plan(fewer, Token)));
    }

    [Fact]
    public void Plan_FanOutDrifts_OnlyTheRelativeModePlansAnew()
    {
        var cluster = Cluster(400, 20, Sample(Arrivals.Poisson(20, Minute), Minute));
        var drifted = cluster with { Pipelines = [cluster.Pipelines[0] with { FanOut = new FanOut([[3.0]]) }] };
        double Factor(InferLineOptions options)
        {
            var policy = new InferLinePolicy(options);
            var seed = Assert.IsType<TunerSeed>(policy.Plan(drifted with { Previous = policy.Plan(cluster, Token) }, Token).PolicyState);
            return seed.Pipelines[0].Stages[1].ScaleFactor;
        }

        Assert.Equal(1, Factor(new InferLineOptions()));
        Assert.Equal(3, Factor(InferLinePolicy.RelativeOptions));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Simulate_LoadTriples_TunerFollowsAndThenLetsGo(bool relative)
    {
        var cluster = Cluster(200, 30, Sample(Arrivals.Poisson(30, Minute), Minute));
        var policy = new InferLinePolicy(relative ? InferLinePolicy.RelativeOptions : null);
        IArrivals load = Arrivals.Step([(30, Minute), (90, Minute), (10, 3 * Minute)]);

        var tuned = Simulate(cluster, load, policy);
        var fixedPlan = Simulate(cluster, load, null, policy.Plan(cluster, Token));

        var before = tuned.Plans.Last(p => p.InForceUs < 58_000_000).Plan.Replicas;
        var busy = tuned.Plans.Where(p => p.InForceUs is > 60_000_000 and < 75_000_000).Max(p => p.Plan.Replicas);
        Assert.True(busy >= (relative ? 2 : 3) * before * 0.8, $"{before} → {busy}");
        // Not below what it was: the pipeline's smallest ratio, prep's, counts for every stage (6.3).
        var peak = tuned.Plans.Max(p => p.Plan.Replicas);
        Assert.True(tuned.Plans[^1].Plan.Replicas < peak, $"{peak} → {tuned.Plans[^1].Plan.Replicas}");
        Assert.True(tuned.Total.Attainment > fixedPlan.Total.Attainment + 0.1, $"{tuned.Total.Attainment} against {fixedPlan.Total.Attainment}");
        Assert.True(tuned.Total.Attainment > 0.95, $"{tuned.Total.Attainment}");
    }

    /// <summary>The descent makes the plan cheaper than its start, the trim makes it quicker at the same cost; both hold in the simulator.</summary>
    [Fact]
    public void Simulate_DescentAndTrim_CheaperThanTheStartAndInTime()
    {
        var cluster = Cluster(400, 20, Sample(Arrivals.Poisson(20, Minute), Minute));
        var stages = PipelineStages.Of(cluster, ImmutableDictionary<string, string>.Empty)[0];
        var sample = TrafficSamples.Of(cluster, 0, recent: true, 5000);
        var planner = new GreedyPlanner(stages, new FifoEstimator(stages, sample, [60, 20]), sample, [60, 20], 400_000, 100, 1, Token);
        var planned = planner.Plan()!;
        Plan Deployed(PipelineSetting setting) => SingleVariant(cluster, stages, setting);
        var load = Arrivals.Poisson(20, TimeSpan.FromMinutes(5));

        var start = Simulate(cluster, load, null, Deployed(planned.Start));
        var untrimmed = Simulate(cluster, load, null, Deployed(planned.Untrimmed));
        var trimmed = Simulate(cluster, load, null, Deployed(planned.Setting));

        Assert.True(trimmed.Cost < 0.5 * start.Cost, $"{trimmed.Cost} against {start.Cost}");
        Assert.Equal(untrimmed.Cost, trimmed.Cost, 1e-9);
        Assert.True(planned.Setting.Stages.Sum(s => s.Batch) < planned.Untrimmed.Stages.Sum(s => s.Batch));
        Assert.All(new[] { start, untrimmed, trimmed }, r => Assert.True(r.Total.Attainment > 0.95, $"{r.Total.Attainment}"));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    public void Create_BadTolerance_Throws(double tolerance) =>
        Assert.Throws<ArgumentException>(() => new InferLinePolicy(new InferLineOptions { Tolerance = tolerance }));

    private static Plan SingleVariant(PlanningProblem cluster, ImmutableArray<PipelineStage> stages, PipelineSetting setting) =>
        ServerlessLoki.Planning.Modelling.SingleVariantPlan.Assemble(
            cluster,
            "fixed",
            [[.. stages.Select(s => new ServerlessLoki.Planning.Modelling.SingleVariantStage(0, s.Ladder[setting[s.Task].Hardware].Device, setting[s.Task].Batch, setting[s.Task].Replicas))]],
            [double.PositiveInfinity]);
}
