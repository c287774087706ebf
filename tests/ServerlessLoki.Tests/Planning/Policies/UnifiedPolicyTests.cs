using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Unified;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.Shared;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class UnifiedPolicyTests
{
    private static readonly UnifiedPolicy Policy = new(new BranchAndBoundSolver());

    private static Plan Plan(PlanningProblem problem) => Policy.Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void Plan_AnyProblem_FitsTheClusterAndServesWhatItSays()
    {
        // With its time limit, as in a host: what it says must hold wherever the search ends.
        var policy = new UnifiedPolicy(new BranchAndBoundSolver(), TimeProvider.System);
        Prop.ForAll(Gen.Choose(1, 100_000).ToArbitrary(), seed =>
        {
            var problem = Synthetic.Random(seed);
            Assert.Empty(PlanChecker.Faults(problem, policy.Plan(problem, TestContext.Current.CancellationToken)));
        }).Check(Properties.Cases());
    }

    [Fact]
    public void Plan_SameProblem_SamePlan()
    {
        var problem = Synthetic.Problem(300, 8, -1, 0, 0) with { Recent = Burst(300) };

        var (one, two) = (Plan(problem), Plan(problem));

        Assert.Equal(one.Slots, two.Slots);
        Assert.Equal(one.Why, two.Why);
    }

    [Fact]
    public void Plan_RoomForTheBest_TakesItOnTheCheaperDevice()
    {
        var pipeline = Synthetic.Pipeline("p", 200, [-1], 4);
        var problem = Synthetic.Problem([(pipeline, 20)], [new DeviceType("dear", 8, 1, 3), new DeviceType("cheap", 8, 1, 1)]);

        var plan = Plan(problem);

        Assert.All(plan.Slots, s => Assert.Equal((3, 1), (s.Variant, s.Device)));
        Assert.Equal(1, plan.Accuracy, 1e-9);
    }

    [Fact]
    public void Plan_BestVariantTakesMoreThanHalfOfTheObjective_IsUsedAllTheSame()
    {
        // 120 of 200 ms: Loki, latency constraint forbids it, whatever the load.
        var problem = OneVariantEach((120, 0.9), (10, 0.5), qps: 2, slots: 6);

        Assert.Equal(0.5, new LokiPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken).Accuracy, 1e-9);
        Assert.Equal(0.9, Plan(problem).Accuracy, 1e-9);
    }

    [Fact]
    public void Plan_ArrivalsInBursts_KeepsMoreHeadRoomThanForEvenOnes()
    {
        var problem = Synthetic.Problem(120, 12, -1);

        var (even, bursty) = (Plan(problem with { Recent = Even(120) }), Plan(problem with { Recent = Burst(120) }));

        Assert.True(bursty.PolicyState!.HeadroomRows[0][0] > even.PolicyState!.HeadroomRows[0][0], $"{bursty.PolicyState!.HeadroomRows[0][0]} rows against {even.PolicyState!.HeadroomRows[0][0]}");
        Assert.True(bursty.SlotsTaken >= even.SlotsTaken);
    }

    [Fact]
    public void Plan_HeadRoomWasRaisedAtAPeak_IsNotKeptForAnotherDemand()
    {
        var problem = Synthetic.Problem(50, 12, -1);
        var first = Plan(problem);
        Plan After(double qps) => Plan(problem with { Previous = first with { DemandQps = [qps], PolicyState = new HeadroomState([[20]]) } });

        Assert.True(After(500).PolicyState!.HeadroomRows[0][0] <= 2.65, $"{After(500).PolicyState!.HeadroomRows[0][0]} rows");
        Assert.InRange(After(50).PolicyState!.HeadroomRows[0][0], 2.65, 15);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(150)]
    [InlineData(600)]
    public void Plan_ServedInTheSimulator_HoldsTheDeadlineOfNinetyNineInAHundred(double qps)
    {
        var problem = Synthetic.Problem(qps, 10, -1, 0, 0);

        var result = Simulator.Estimate(problem, Plan(problem), Arrivals.Poisson(qps, TimeSpan.FromSeconds(30)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(result.Total.Violation < 0.01, $"{result.Total.Violation}");
    }

    [Fact]
    public void Plan_FarTooMuch_ServesMostAndShedsTheRest()
    {
        var problem = Synthetic.Problem(1e5, 4, -1, 0);

        var plan = Plan(problem);

        Assert.InRange(plan.ServedShare[0], 1e-4, 0.99);
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_AccuracyAgainstCost_TakesWhatIsWorthMore()
    {
        var problem = Synthetic.Problem(300, 40, -1);
        Plan At(double cost) => Plan(problem with { Options = problem.Options with { Objective = new ObjectiveWeights { Cost = cost } } });

        var (free, dear) = (At(1e-4), At(1));

        Assert.Equal(1, free.Accuracy, 1e-9);
        Assert.True(dear.Accuracy < 1 && dear.SlotsTaken < free.SlotsTaken, $"{dear.Accuracy} on {dear.SlotsTaken} slots, {free.SlotsTaken} for the best");
        Assert.Equal([1.0, 1.0], [free.ServedShare[0], dear.ServedShare[0]]);
    }

    [Fact]
    public void Plan_ReplicasOfSeveralCores_TakeThatManySlots()
    {
        var problem = Synthetic.Problem(100, 9, -1);
        problem = problem with { Cores = new CoreProfile { CoresPerReplica = ImmutableDictionary<string, int>.Empty.Add("p-t0-v3", 4) } };

        var plan = Plan(problem);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        Assert.All(plan.Slots.Where(s => s.Variant == 3), s => Assert.Equal(4, s.Cores));
        Assert.InRange(plan.SlotsTaken, 1, 9);
    }

    [Fact]
    public void Policy_OptionsOutOfBounds_NamesEach()
    {
        var low = new UnifiedOptions
        {
            History = TimeSpan.FromTicks(-1), MissedShare = 0, ForecastReserve = double.NaN, Rounds = 0, Gap = -1e-9, Nodes = 0, SwapAccuracy = -1, LoadTimes = 0, ReplayRows = 99,
        };
        var high = new UnifiedOptions
        {
            History = TimeSpan.FromHours(2), MissedShare = 1, ForecastReserve = 1, Rounds = 101, Gap = double.NaN, Nodes = 1_000_000_001, SwapAccuracy = 1.1,
            LoadTimes = double.PositiveInfinity, ReplayRows = 10_000_001,
        };

        var tooLow = Assert.Throws<ArgumentException>(() => new UnifiedPolicy(new BranchAndBoundSolver(), options: low));
        var tooHigh = Assert.Throws<ArgumentException>(() => new UnifiedPolicy(new BranchAndBoundSolver(), options: high));

        string[] names = ["history", "missedShare", "forecastReserve", "rounds", "gap", "nodes", "swapAccuracy", "loadTimes", "replayRows"];
        Assert.All(names, name => Assert.Contains($"$.{name}: found ", tooLow.Message, StringComparison.Ordinal));
        Assert.All(names, name => Assert.Contains($"$.{name}: found ", tooHigh.Message, StringComparison.Ordinal));
        Assert.Contains("$.rounds: found 0; allowed: from 1 to 100", tooLow.Message, StringComparison.Ordinal);
        Assert.Contains("$.history: found 02:00:00; allowed: from 00:00:00 to 01:00:00", tooHigh.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_RoomToSpare_TakesNoSlotThatHeadRoomDoesNotNeed()
    {
        var problem = Synthetic.Problem(50, 12, -1);

        var plan = Plan(problem);

        Assert.True(plan.SlotsTaken < 12);
        Assert.All(plan.Slots, s => Assert.True(s.LoadQps + s.ReserveQps <= s.CapacityQps * 1.000001, s.ToString()));
        Assert.All(plan.Slots, s => Assert.True(s.CapacityQps * (s.Replicas - 1) / s.Replicas < s.LoadQps + s.ReserveQps, s.ToString()));
    }

    [Fact]
    public void Plan_CheaperDeviceWithLargerBatchesWouldDo_IsTaken()
    {
        // InferLine's example chain: one processor and one of the cheaper accelerators carry 100 queries/s within 150 ms.
        var plan = Plan(GoldenChain(100));

        Assert.Equal(0.0665 + 0.7005, plan.CostPerHour, 1e-9);
    }

    [Theory]
    [InlineData(2.65, 1)]
    [InlineData(5.3, 1)]
    [InlineData(0.795, 0.3)]
    public void ShareOfRule_HeadRoomGivenBack_IsWhatIsLeft(double rows, double left) =>
        Assert.Equal(left, BurstRows.ShareOfRule(Synthetic.Problem(50, 12, -1), [[rows]]), 1e-9);

    [Fact]
    public void Plan_LoadingTakesTime_ChangesVariantsOnlyForWhatPays()
    {
        var problem = Synthetic.Problem(300, 40, -1);
        problem = problem with { Options = problem.Options with { Objective = new ObjectiveWeights { Cost = 0.02 } } };
        var running = Plan(problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 200 }] });
        Plan After(TimeSpan load) => Plan(problem with { Previous = running, LoadTime = load });

        int Loads(Plan plan) => plan.Slots.Sum(s => Math.Max(0, s.Replicas - running.Slots.Where(r => r.Variant == s.Variant).Sum(r => r.Replicas)));

        Assert.True(Loads(After(TimeSpan.FromSeconds(8))) <= Loads(After(TimeSpan.Zero)));
        Assert.Equal(1, After(TimeSpan.FromSeconds(8)).ServedShare[0]);
    }

    private static PlanningProblem GoldenChain(double qps)
    {
        var pipeline = TestPipelines.Read(
            """
            { "name": "chain", "sloMs": 150, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "prep", "variants": [{"name": "prep", "model": "m.onnx", "accuracy": 1}]}, {"name": "cls", "variants": [{"name": "cls", "model": "m.onnx", "accuracy": 1}]} ],
              "edges": [ {"from": "prep", "to": "cls"} ] }
            """);
        IEnumerable<ProfileRow> Rows(string variant, string device, double fixedMs, double slopeMs) => Enumerable.Range(0, 6)
            .Select(i => (Batch: 1 << i, Ms: fixedMs + (slopeMs * (1 << i)))).Select(x => new ProfileRow(variant, device, x.Batch, x.Ms, x.Ms, x.Ms, x.Ms));
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, qps, new FanOut([[0.5]]))],
            Devices = [new DeviceType("cpu", 100, 1, 0.0665), new DeviceType("k80", 60, 1, 0.7005), new DeviceType("v100", 60, 1, 2.5945)],
            Profile = new LatencyProfile([.. Rows("prep", "cpu", 1, 4), .. Rows("cls", "v100", 6, 1), .. Rows("cls", "k80", 18, 4), .. Rows("cls", "cpu", 60, 120)]),
        };
    }

    private static PlanningProblem OneVariantEach((double Ms, double Accuracy) slow, (double Ms, double Accuracy) fast, double qps, int slots)
    {
        var pipeline = TestPipelines.Read(
            $$"""
            { "name": "p", "sloMs": 200, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "t", "variants": [{"name": "slow", "model": "m.onnx", "accuracy": {{slow.Accuracy}}}, {"name": "fast", "model": "m.onnx", "accuracy": {{fast.Accuracy}}}]} ] }
            """);
        ProfileRow Row(string name, double ms) => new(name, "cpu", 1, ms, ms, ms, ms);
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, qps, FanOut.One(pipeline))],
            Devices = [new DeviceType("cpu", slots)],
            Profile = new LatencyProfile([Row("slow", slow.Ms), Row("fast", fast.Ms)]),
        };
    }

    private static ArrivalWindow Even(int qps) => Window(Enumerable.Range(0, 60 * qps).Select(i => i * 1_000_000L / qps));

    /// <summary>A hundred at once, then nothing for as long as a hundred take.</summary>
    private static ArrivalWindow Burst(int qps) => Window(Enumerable.Range(0, 60 * qps).Select(i => i / 100 * 100 * 1_000_000L / qps));

    private static ArrivalWindow Window(IEnumerable<long> atUs) =>
        new(0, 60_000_000, [.. atUs.Select(t => new Arrival(t)).ToImmutableArray()]);
}
