using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Clients that wait for their answers, under the embedded host's rules.</summary>
public sealed class ClosedLoopTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(12);

    /// <summary>One variant of 26 ms with two seconds of time: 76.9 a second on two cores, 153 of them within the SLO.</summary>
    private static PlanningProblem OneVariant => SimCases.Cluster(
        [SimCases.Chain("a", 2000, 1)], new DeviceType("d", 16, 1.0 / 8), [.. new[] { 1, 2, 4 }.Select(b => SimCases.Row("a00", b, 26 * b))]);

    /// <summary>The traffic sample's detectors, about.</summary>
    private static PlanningProblem ManyVariants => SimCases.Cluster(
        [SimCases.Chain("a", 400, 1, 4)], new DeviceType("d", 16, 1.0 / 8),
        [.. new[] { 40, 20, 8, 4.0 }.SelectMany((ms, v) => new[] { 1, 2, 4, 8 }.Select(b => SimCases.Row($"a0{v}", b, ms * b)))]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_MoreAndMoreEagerClients_GoodputNeverFalls(bool many)
    {
        var most = 0.0;
        foreach (var clients in (ImmutableArray<int>)[1, 2, 4, 8, 16, 64, 256])
        {
            var result = Run(many ? ManyVariants : OneVariant, Eager(clients)).Total;

            Assert.True(result.GoodputQps >= 0.95 * most, $"{clients} clients: {result.GoodputQps} a second, fewer had {most}");
            most = Math.Max(most, result.GoodputQps);
        }

        Assert.True(most > (many ? 480 : 75), $"at most {most} a second");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(112)]
    public void Run_QueueFitsTheObjective_NobodyIsRefused(int clients)
    {
        var result = Run(OneVariant, Eager(clients)).Total;

        Assert.Equal((0, 0, 0), (result.Rejected, result.Expired, result.Late));
    }

    [Fact]
    public void Run_QueueFitsButForTheMargin_SomeAreRefusedAndNoneIsLate()
    {
        // 128 queries take 1.66 s, and a wait may be a tenth longer than foreseen: that fits into two seconds, but not into nine tenths of them.
        var result = Run(OneVariant, Eager(128)).Total;

        Assert.True(result.Rejected > 0);
        Assert.Equal((0, 0), (result.Expired, result.Late));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.3)]
    [InlineData(4)]
    public void Run_OpenOverload_ServesWhatTheSlotsCanAndMostOfItInTime(double load)
    {
        var result = Run(OneVariant, Arrivals.Poisson(76.9 * load, Length)).Total;

        Assert.True(result.GoodputQps >= 0.95 * 76.9 * Math.Min(1, load * 0.97), $"{result.GoodputQps} a second");
        Assert.True(result.Late + result.Expired <= 0.02 * result.OnTime, $"{result.Late} late, {result.Expired} expired, {result.OnTime} in time");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(230)]
    public void Run_OpenOverload_DemandIsTheOfferedRate(double qps)
    {
        var demand = Demands(Run(OneVariant, Arrivals.Poisson(qps, Length)));

        Assert.All(demand, d => Assert.InRange(d, 0.75 * qps, 1.35 * qps));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(400)]
    public void Run_EagerClients_DemandIsNearWhatIsAnswered(int clients)
    {
        var demand = Demands(Run(OneVariant, Eager(clients)));

        Assert.All(demand, d => Assert.InRange(d, 30, 76.9 * 5));
    }

    [Fact]
    public void Run_TwoPipelinesAskForTooMuch_TheEagerOneLeavesTheOtherItsShare()
    {
        var problem = SimCases.Cluster(
            [SimCases.Chain("a", 1000, 1), SimCases.Chain("b", 1000, 1)], new DeviceType("d", 16, 1.0 / 8), SimCases.Row("a00", 1, 20), SimCases.Row("b00", 1, 20));

        var result = Run(problem, Arrivals.Merge(Arrivals.Poisson(20, Length), Arrivals.Clients(300, Length, retry: TimeSpan.FromMilliseconds(2), pipeline: 1)));

        Assert.True(result.Total.GoodputQps >= 0.93 * 100, $"{result.Total.GoodputQps} of 100 a second");
        var (asked, served) = (result.Pipelines[0].Arrivals, result.Pipelines[0].OnTime);
        Assert.True(served >= 0.25 * asked, $"{served} of {asked}");
    }

    [Fact]
    public void Run_ClientsThink_AskAtTheRateOfTheLoop()
    {
        // 10 ms of service and 90 ms of thought: ten queries a second and client.
        var (problem, plan) = SimCases.Servers(10, 1000, 4);

        var result = Simulator.Estimate(problem, plan, Arrivals.Clients(3, TimeSpan.FromSeconds(10), think: TimeSpan.FromMilliseconds(90)));

        Assert.InRange(result.Total.Arrivals, 299, 303);
    }

    [Fact]
    public void Run_ClientsThinkRandomly_AskAtTheSameMeanRate()
    {
        var (problem, plan) = SimCases.Servers(10, 1000, 4);
        var arrivals = Arrivals.Clients(new ClientGroup([(3, TimeSpan.FromSeconds(100))], 90_000, ThinksRandomly: true));

        var first = Simulator.Estimate(problem, plan, arrivals);

        Assert.InRange(first.Total.Arrivals, 2800, 3200);
        Assert.Equal(first.Total.Arrivals, Simulator.Estimate(problem, plan, arrivals).Total.Arrivals);
        Assert.NotEqual(first.Seconds.Select(s => s.Arrivals), Simulator.Estimate(problem, plan, arrivals, new SimulationOptions { Seed = 2 }).Seconds.Select(s => s.Arrivals));
    }

    [Fact]
    public void Run_RefusedClients_ComeBackWhenTheRefusalSaidOrWhenTheyLike()
    {
        // One server of 10 ms and 30 ms of time: of four queries at once the fourth is refused.
        var (problem, plan) = SimCases.Servers(10, 30, 1);
        long[] Refused(TimeSpan? retry) => [.. SimCases.Trace(new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Clients(4, TimeSpan.FromMilliseconds(9), retry: retry),
        }).Queries.Where(q => q.Outcome == SimulatedOutcome.Rejected).Select(q => q.ArrivalUs)];

        Assert.Equal([0], Refused(TimeSpan.FromMilliseconds(20)));
        Assert.Equal([0, 4_000, 8_000], Refused(TimeSpan.FromMilliseconds(4)));
        // Two queries of 10 ms wait.
        Assert.Equal([0], Refused(null));
        // At once is a microsecond later, or no time would pass.
        Assert.Equal(9000, Refused(TimeSpan.Zero).Length);
    }

    [Fact]
    public void Run_Phases_ChangeHowManyAsk()
    {
        var (problem, plan) = SimCases.Servers(10, 1000, 4);
        var second = TimeSpan.FromSeconds(1);
        var arrivals = Arrivals.Clients(new ClientGroup([(1, second), (4, second), (0, second), (2, second)]));

        var result = Simulator.Estimate(problem, plan, arrivals);

        Assert.Equal([100, 400, 0, 200], result.Seconds.Take(4).Select(s => (int)Math.Round(s.Arrivals / 100.0) * 100));
    }

    private static IArrivals Eager(int clients) => Arrivals.Clients(clients, Length, retry: TimeSpan.FromMilliseconds(2));

    /// <summary>What was planned for, once the first seconds have passed.</summary>
    private static IEnumerable<double> Demands(SimulationResult result) =>
        result.Plans.Where(p => p.DecidedUs is > 4_000_000 and < 12_000_000).Select(p => p.Plan.DemandQps[0]);

    private static SimulationResult Run(PlanningProblem problem, IArrivals arrivals) => Simulator.Run(new SimulationProblem
    {
        Cluster = problem with { Options = problem.Options with { FillLeftover = true, RelativeGap = 0.002, Utilization = 0.7 } },
        Arrivals = arrivals,
        Policy = PlanningPolicies.Create("unified", new BranchAndBoundSolver()),
        Options = SimulationOptions.EmbeddedHost with { WarmUp = TimeSpan.FromSeconds(4), Noise = new ServiceNoise(0.1) },
    });
}
