using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Serving.Distributed.Tests.Planner;

public sealed class PlannerCycleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Step_TwoPlannersAtOnce_OnePublishes()
    {
        await using var system = new RemoteSystem();
        await system.AddWorkerAsync(6);
        using var both = new Barrier(2);
        var steps = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            () =>
            {
                // Both have read what there is before either writes.
                var waited = 0;
                var fleet = new FakeFleet(6)
                {
                    OnAsked = () =>
                    {
                        if (Interlocked.Exchange(ref waited, 1) == 0)
                            Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(20), Token));
                    },
                };
                return system.Planner(fleet).StepAsync(Token);
            }, Token)));
        Assert.Equal([PlannerResult.Published, PlannerResult.Lost], steps.Select(s => s.Result).Order());
        var stored = await system.State.ReadDocumentAsync(PlanDocument.Name, Token);
        Assert.Equal(1, PlanDocument.Parse(stored!.Json).Plan.Version);
    }

    [Fact]
    public async Task Step_NoWorker_AsksForSlotsAndPublishesNothing()
    {
        await using var system = new RemoteSystem();
        var fleet = new FakeFleet(6, price: 1);
        var step = await system.Planner(fleet).StepAsync(Token);
        Assert.Equal(PlannerResult.NoSlots, step.Result);
        Assert.Null(await system.State.ReadDocumentAsync(PlanDocument.Name, Token));
        Assert.All(fleet.Asked, a => Assert.InRange(a.Slots, 1, 6));
        Assert.NotEmpty(fleet.Asked);
    }

    [Fact]
    public async Task Step_FirstPlan_IsFollowedAndServes()
    {
        await using var system = new RemoteSystem();
        var worker = await system.AddWorkerAsync(6);
        var ingress = await system.AddIngressAsync();
        var refused = await RemoteSystem.AskAsync(ingress);
        Assert.Equal(QueryOutcome.Unavailable, refused.Outcome);
        var step = await system.Planner(new FakeFleet(6)).StepAsync(Token);
        Assert.Equal((PlannerResult.Published, 6), (step.Result, step.Slots["cpu"]));
        await RemoteSystem.UntilAsync(() => ingress.IsReady && worker.Report().Serving.Length >= 3);
        Assert.Equal(QueryOutcome.Completed, (await RemoteSystem.AskAsync(ingress)).Outcome);
    }

    [Fact]
    public async Task Step_NothingChanged_IsKept()
    {
        await using var system = new RemoteSystem();
        await system.AddWorkerAsync(6);
        Assert.Equal(PlannerResult.Published, (await system.Planner(new FakeFleet(6)).StepAsync(Token)).Result);
        Assert.Equal(PlannerResult.Kept, (await system.Planner(new FakeFleet(6)).StepAsync(Token)).Result);
    }

    [Fact]
    public async Task Step_NothingChangesForMinutes_AsksThePolicyNoMore()
    {
        await using var system = new RemoteSystem();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Assert.True(await system.State.ClaimAsync($"{WorkerReport.LeasePrefix}cpu/w", "w", time.GetUtcNow(), TimeSpan.FromHours(1), Token));
        var asked = new Asked(new LokiPolicy(new BranchAndBoundSolver()));
        PlannerCycle Planner() => new(
            new PlannerOptions { Policy = asked.Name, KnownPolicies = new PolicyRegistry([new PolicyEntry(asked.Name, "counted", (_, _) => asked)]) },
            [system.Pipeline], system.Profile, new FakeFleet(6), system.State, new BranchAndBoundSolver(), null, time, NullLoggerFactory.Instance);

        var (planner, times) = (Planner(), new List<int>());
        for (var step = 0; step < 10; step++)
        {
            var report = new WorkerReport { Worker = "w", Device = "cpu", Slots = 6 };
            await system.State.AddSampleAsync(WorkerReport.Series, "w", time.GetUtcNow(), report.ToJson(), Token);
            time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(step == 0 ? PlannerResult.Published : PlannerResult.Kept, (await planner.StepAsync(Token)).Result);
            times.Add(asked.Times);
        }

        // The second answer shows that nothing changes with the plan in force.
        Assert.Equal([1, 2, 2, 2, 2, 2, 2, 2, 2, 2], times);

        // Another instance does not know, and what another instance published is a plan of which this one does not know.
        await Planner().StepAsync(Token);
        Assert.Equal(3, asked.Times);
        var stored = (await system.State.ReadDocumentAsync(PlanDocument.Name, Token))!;
        await system.State.ReplaceDocumentAsync(PlanDocument.Name, stored.Json, stored.Version, Token);
        time.Advance(TimeSpan.FromSeconds(10));
        await planner.StepAsync(Token);
        Assert.Equal(4, asked.Times);
    }

    [Fact]
    public async Task Step_DemandTriples_PlansForItAndListsWhatLeft()
    {
        await using var system = new RemoteSystem();
        await system.AddWorkerAsync(6);
        var planner = system.Planner(new FakeFleet(6));
        await DemandAsync(system, 20);
        var calm = await planner.StepAsync(Token);
        Assert.InRange(calm.DemandQps[0], 15, 30);
        await DemandAsync(system, 900);
        var busy = await planner.StepAsync(Token);
        Assert.Equal(PlannerResult.Published, busy.Result);
        Assert.InRange(busy.DemandQps[0], 500, 3000);
        Assert.True(busy.Plan!.Accuracy < calm.Plan!.Accuracy);
        Assert.Equal(calm.Plan.Version + 1, busy.Plan.Version);
        var document = PlanDocument.Parse((await system.State.ReadDocumentAsync(PlanDocument.Name, Token))!.Json);
        var planned = document.Plan.Slots.Select(s => (s.Task, s.Variant)).ToHashSet();
        var left = calm.Plan.Slots.Select(s => (s.Task, s.Variant)).Where(s => !planned.Contains(s)).Select(s => system.Pipeline.Tasks[s.Task].Variants[s.Variant].Name).Distinct().Order();
        Assert.Equal(left, document.Retired.Select(r => r.Variant).Order());
    }

    [Fact]
    public async Task Step_FanOutReported_IsPlannedWith()
    {
        await using var system = new RemoteSystem();
        await system.AddWorkerAsync(6);
        await DemandAsync(system, 20, children: 5);
        await system.Planner(new FakeFleet(6)).StepAsync(Token);
        var document = PlanDocument.Parse((await system.State.ReadDocumentAsync(PlanDocument.Name, Token))!.Json);
        Assert.Equal(5, document.Pipelines[0].FanOut[0][0], 0.01);
    }

    [Theory]
    [InlineData(3, 2, 4)]
    [InlineData(2, 2, 6)]
    [InlineData(3, 6, 0)]
    public async Task Step_SlotsFailedInARow_AreNoCapacity(int failedReports, int failedSlots, int expected)
    {
        await using var system = new RemoteSystem();
        var now = DateTimeOffset.UtcNow;
        Assert.True(await system.State.ClaimAsync($"{WorkerReport.LeasePrefix}cpu/w", "w", now, TimeSpan.FromMinutes(1), Token));
        for (var ago = 5; ago >= 1; ago--)
        {
            var report = new WorkerReport
            {
                Worker = "w", Device = "cpu", Slots = 6,
                SlotStates = [.. Enumerable.Range(0, 6).Select(s => new SlotStatus($"cpu/{s}", s < failedSlots && ago <= failedReports ? "failed" : "idle", "look-l", 1, "cpu", null))],
            };
            await system.State.AddSampleAsync(WorkerReport.Series, "w", now.AddSeconds(-ago), report.ToJson(), Token);
        }

        var step = await system.Planner(new FakeFleet(6)).StepAsync(Token);
        Assert.Equal(expected, step.Slots["cpu"]);
        Assert.Equal(expected == 0 ? PlannerResult.NoSlots : PlannerResult.Published, step.Result);
        if (step.Plan is { } plan)
            Assert.InRange(plan.Slots.Sum(s => s.SlotsTaken), 1, expected);
    }

    [Fact]
    public async Task Step_WorkersSayWhatVariantsCannotDo_PlansKeepToIt()
    {
        await using var system = new RemoteSystem();
        var now = DateTimeOffset.UtcNow;
        Assert.True(await system.State.ClaimAsync($"{WorkerReport.LeasePrefix}cpu/w", "w", now, TimeSpan.FromMinutes(1), Token));
        var report = new WorkerReport { Worker = "w", Device = "cpu", Slots = 6 };
        await system.State.AddSampleAsync(WorkerReport.Series, "w", now.AddSeconds(-2), report.ToJson(), Token);
        var planner = system.Planner(new FakeFleet(6));
        var before = (await planner.StepAsync(Token)).Plan!;
        Assert.Contains(before.Slots, s => s is { Task: 0, Variant: 0 });

        report = report with { Unfit = ["look-l"], Held = ["car-l", "car-s", "man-l", "man-s"] };
        await system.State.AddSampleAsync(WorkerReport.Series, "w", now.AddSeconds(-1), report.ToJson(), Token);
        var step = await planner.StepAsync(Token);

        Assert.Equal(PlannerResult.Published, step.Result);
        Assert.All(step.Plan!.Slots.Where(s => s.Task == 0), s => Assert.Equal(1, s.Variant));
        Assert.All(step.Plan.Slots.Where(s => s.Task > 0), s => Assert.Equal(1, s.Batch));
    }

    [Fact]
    public void Replay_WorkersSayHowLongTheyLoad_TakesTheSlowestAsItLastSaid()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        StoredSample Sample(string worker, int ago, double loadMs) => new(
            worker, now.AddSeconds(-ago), new WorkerReport { Worker = worker, Device = "cpu", Slots = 1, LoadUs = 1000 * loadMs }.ToJson());

        TimeSpan LoadTime(params StoredSample[] workers) => DemandReplay.Of(
            [], () => new EwmaForecaster(), null, [], new ReportReader<WorkerReport>().Read(workers), now, TimeSpan.Zero).LoadTime;

        Assert.Equal(TimeSpan.FromMilliseconds(70), LoadTime(Sample("a", 3, 900), Sample("b", 2, 70), Sample("a", 1, 20)));
        Assert.Equal(TimeSpan.Zero, LoadTime());
    }

    [Fact]
    public void Replay_ReportsSayHowFarCountsAndTimesVary_HandsBothToThePolicy()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var pipeline = TestPipelines.Traffic;
        // Half of a hundred queries have one child, the others seven; half of a hundred batches take e times as long as the others.
        var demand = new DemandReport([new PipelineDemandReport { Name = pipeline.Name, Arrivals = 100, Parents = [[100], [100]], Children = [[400], [400]], Squares = [[2500]] }]);
        var times = Enumerable.Range(0, 100).Select(i => BatchTimes.Of(i % 2 == 0 ? 1000 : 1000 * Math.E, 1000)).Aggregate((a, b) => a.Add(b));
        var worker = new WorkerReport
        {
            Worker = "w", Device = "cpu", Slots = 1, ActualUs = times.ActualUs, ExpectedUs = times.ExpectedUs, Batches = times.Batches, LogUs = times.LogUs,
            SquaredLogUs = times.SquaredLogUs,
        };

        var replay = DemandReplay.Of(
            [pipeline], () => new EwmaForecaster(), null, new ReportReader<DemandReport>().Read([new StoredSample("i", now.AddSeconds(-2), StateJson.Write(demand))]),
            new ReportReader<WorkerReport>().Read([new StoredSample("w", now.AddSeconds(-2), worker.ToJson())]), now, TimeSpan.Zero);

        Assert.Equal(9, replay.FanOut(0).Variance(0, 0)!.Value, 1e-9);
        Assert.Null(replay.FanOut(0).Variance(1, 0));
        Assert.Equal(0.5, replay.Cycle.Slowdown.Spread!.Value, 1e-9);
    }

    /// <summary>Eight seconds of it, the last just over.</summary>
    private static async Task DemandAsync(RemoteSystem system, int qps, int children = 1)
    {
        for (var ago = 8; ago >= 1; ago--)
        {
            var report = new PipelineDemandReport
            {
                Name = "p", Arrivals = qps, Served = qps, AtUs = [.. Enumerable.Range(0, qps).Select(i => i * 1_000_000 / qps)],
                Parents = [[qps, 0], [qps, 0]], Children = [[qps * children, 0], [qps, 0]],
            };
            await system.State.AddSampleAsync(
                DemandReport.Series, "i", DateTimeOffset.UtcNow.AddSeconds(-ago), StateJson.Write(new DemandReport([report])), Token);
        }
    }

    private sealed class Asked(IPlanningPolicy policy) : IPlanningPolicy
    {
        public int Times { get; private set; }

        public string Name => policy.Name;

        public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
        {
            Times++;
            return policy.Plan(problem, cancellationToken);
        }
    }
}
