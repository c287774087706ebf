using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Profiles;
using ServerlessLoki.Tests.Simulation;

namespace ServerlessLoki.Tests.Control;

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
        Assert.Equal(1.5625, cycle.Headroom);
        cycle.Observe([calm, calm], null);
        Assert.True(cycle.Headroom < 1.5625);
    }

    [Theory]
    [InlineData(30, 100, 2.287)]
    [InlineData(60, 100, 1.143)]
    [InlineData(80, 100, 1.225)]
    [InlineData(10, 100, 4)]
    [InlineData(99, 100, 4)]
    [InlineData(500, 100, 4)]
    public void Measured_HeadroomOfFour_LeavesEveryPipelinePossible(double singleMs, double sloMs, double headroom)
    {
        // Nothing is left to save of an objective below the path itself: it keeps no head-room from others.
        var problem = SimCases.Cluster([SimCases.Chain("a", sloMs, 1)], new DeviceType("d", 2), SimCases.Row("a00", 1, singleMs));
        var cycle = Cycle(10);
        for (var i = 0; i < 20; i++)
            cycle.Observe([new PeriodOutcome(90_000, 100_000, 10, 0)], null);
        Assert.Equal(4, cycle.Headroom);

        var measured = cycle.Measured(problem);

        Assert.Equal(headroom, measured.Headroom, 3);
        Assert.Equal(singleMs * 1000 * headroom, measured.Profile.Find("a00", "d")!.LatencyUs(1), singleMs);
        Assert.Equal(singleMs * 1000, measured.Expected("a00", "d")!.LatencyUs(1), 1e-6);
    }

    [Fact]
    public void Slowdown_FoldsAtThePeriodsEnd()
    {
        var cycle = Cycle(10);
        cycle.Slowdown.Observe(200, 100);
        cycle.Look(250_000, [0]);
        Assert.Equal(1, cycle.Slowdown.Factor);
        cycle.Look(PeriodUs, [0]);
        Assert.Equal(1.3, cycle.Slowdown.Factor, 9);
        cycle.Look(2 * PeriodUs, [0]);
        Assert.Equal(1.3, cycle.Slowdown.Factor, 9);
    }

    [Fact]
    public void Measured_BatchTimesVary_TellsThePlannerHowFar()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1)], new DeviceType("d", 2), SimCases.Row("a00", 1, 10));
        var cycle = Cycle(10);
        Assert.Null(cycle.Measured(problem).ServiceSpread);
        for (var i = 0; i < 100; i++)
            cycle.Slowdown.Observe(BatchTimes.Of(i % 2 == 0 ? 1000 : 1000 * Math.E, 1000));
        cycle.Look(PeriodUs, [0]);

        Assert.Equal(0.5, cycle.Measured(problem).ServiceSpread!.Value, 1e-9);
    }

    private static ControlCycle Cycle(params double[] initialQps) =>
        new(initialQps.Select(q => ((IDemandForecaster)new EwmaForecaster(0), q)), PeriodUs);
}
