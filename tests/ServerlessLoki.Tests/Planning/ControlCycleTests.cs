using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning;

public class ControlCycleTests
{
    private const long PeriodUs = 1_000_000;

    [Fact]
    public void Look_QuietThenPeriod_FollowsTheDemandOverTheTimeThatPassed()
    {
        var cycle = Cycle(10);
        Assert.Equal(ControlMoment.Quiet, cycle.Look(250_000, [2]));
        Assert.Equal(10, cycle.ForecastQps(0));
        Assert.Equal(ControlMoment.Period, cycle.Look(2_000_000, [60]));
        Assert.Equal((30, 2_000_000), (cycle.ForecastQps(0), cycle.ElapsedUs));
    }

    [Fact]
    public void Look_FarMoreThanForecast_IsABurstOnce()
    {
        var cycle = Cycle(10);
        Assert.Equal(ControlMoment.Burst, cycle.Look(250_000, [50]));
        Assert.Equal(200, cycle.ForecastQps(0));
        Assert.Equal(ControlMoment.Quiet, cycle.Look(500_000, [100]));
    }

    [Fact]
    public void Look_LoadingTookLong_ItsArrivalsAreNoBurst()
    {
        var cycle = Cycle(100);
        Assert.Equal(ControlMoment.Quiet, cycle.Look(900_000, [90]));
    }

    [Fact]
    public void Start_Later_CountsPeriodsFromThere()
    {
        var cycle = Cycle(0);
        cycle.Start(5_000_000);
        Assert.Equal(ControlMoment.Quiet, cycle.Look(5_250_000, [0]));
    }

    [Fact]
    public void Observe_WorstPipeline_RaisesAndCalmGivesBack()
    {
        var cycle = Cycle(10, 10);
        var calm = new PeriodOutcome(10_000, 100_000, 10, 0);
        cycle.Observe([calm, calm with { MedianUs = double.NaN }], null);
        Assert.Equal(1, cycle.Headroom);
        cycle.Observe([calm, calm with { MedianUs = 50_000 }], null);
        Assert.Equal(1.25, cycle.Headroom);
        cycle.Observe([calm with { LostQps = 1 }, calm], null);
        Assert.Equal(1.5625, cycle.LatencyFactor);
        cycle.Observe([calm, calm], null);
        Assert.True(cycle.Headroom < 1.5625);
    }

    [Fact]
    public void Slowdown_FoldsAtThePeriodsEnd()
    {
        var cycle = Cycle(10);
        cycle.Slowdown.Observe(200, 100);
        cycle.Look(250_000, [0]);
        Assert.Equal(1, cycle.LatencyFactor);
        cycle.Look(PeriodUs, [0]);
        Assert.Equal(1.3, cycle.LatencyFactor, 9);
        cycle.Look(2 * PeriodUs, [0]);
        Assert.Equal(1.3, cycle.LatencyFactor, 9);
    }

    [Fact]
    public void IsSteady_SlotsFailOrComeBack_No()
    {
        var problem = Synthetic.Problem(20, 6, -1, 0);
        var plan = new LokiPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);
        var cycle = Cycle(20);
        cycle.Solved(problem, 0);

        Assert.True(cycle.IsSteady(plan, problem, 1));
        Assert.False(cycle.IsSteady(plan, WithSlots(5), 1));
        Assert.False(cycle.IsSteady(plan, WithSlots(7), 1));

        PlanningProblem WithSlots(int slots) => problem with { Devices = [problem.Devices[0] with { Slots = slots }] };
    }

    private static ControlCycle Cycle(params double[] initialQps) =>
        new(initialQps.Select(q => ((IDemandForecaster)new EwmaForecaster(0), q)), PeriodUs);
}
