using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Tests.Load;

public sealed class ArrivalScheduleTests
{
    private static LoadPhase Phase(double from, double to, double seconds) => new("p", from, to, TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Build_ConstantRate_SendsInEqualSteps()
    {
        var arrivals = ArrivalSchedule.Build([Phase(10, 10, 2)], ArrivalKind.Constant, 1);

        Assert.Equal(20, arrivals.Length);
        Assert.Equal(50_000, arrivals[0].AtUs);
        Assert.All(arrivals.Zip(arrivals.Skip(1)), pair => Assert.Equal(100_000, pair.Second.AtUs - pair.First.AtUs));
    }

    [Theory]
    [InlineData(0, 20, 10)]
    [InlineData(20, 0, 10)]
    [InlineData(5, 5.000001, 3)]
    public void Build_ConstantRamp_SendsTheAreaUnderTheRate(double from, double to, double seconds)
    {
        var phase = Phase(from, to, seconds);

        var arrivals = ArrivalSchedule.Build([phase], ArrivalKind.Constant, 1);

        Assert.Equal(phase.ExpectedQueries, arrivals.Length, 0.51);
        for (var i = 0; i < arrivals.Length; i++)
        {
            var t = arrivals[i].AtUs / 1e6;
            var area = (from * t) + ((to - from) / (2 * seconds) * t * t);
            Assert.Equal(i + 0.5, area, 1e-3);
        }
    }

    [Fact]
    public void Build_PhaseBoundary_NeitherLosesNorAddsQueries()
    {
        var whole = ArrivalSchedule.Build([Phase(7, 7, 10)], ArrivalKind.Constant, 1);
        var parts = ArrivalSchedule.Build([.. Enumerable.Range(0, 100).Select(_ => Phase(7, 7, 0.1))], ArrivalKind.Constant, 1);

        Assert.Equal(whole.Length, parts.Length);
        Assert.All(whole.Zip(parts), pair => Assert.InRange(pair.Second.AtUs - pair.First.AtUs, -2, 2));
    }

    [Fact]
    public void Build_Poisson_HasTheRateAndTheVarianceOfAPoissonProcess()
    {
        var arrivals = ArrivalSchedule.Build([Phase(100, 100, 400)], ArrivalKind.Poisson, 3);

        var perSecond = arrivals.GroupBy(a => a.AtUs / 1_000_000).Select(g => (double)g.Count()).ToArray();
        var mean = perSecond.Average();
        var variance = perSecond.Average(c => (c - mean) * (c - mean));
        Assert.Equal(100, mean, 2.0);
        Assert.InRange(variance / mean, 0.75, 1.3);
    }

    [Fact]
    public void Build_SameSeed_GivesTheSameTimes()
    {
        LoadPhase[] phases = [Phase(5, 50, 3), Phase(0, 0, 2), Phase(50, 5, 3)];

        Assert.Equal(ArrivalSchedule.Build(phases, ArrivalKind.Poisson, 9), ArrivalSchedule.Build(phases, ArrivalKind.Poisson, 9));
        Assert.NotEqual(ArrivalSchedule.Build(phases, ArrivalKind.Poisson, 9), ArrivalSchedule.Build(phases, ArrivalKind.Poisson, 10));
    }

    [Fact]
    public void Build_AnyPhases_KeepsTimesAscendingAndInsideTheirPhase()
    {
        LoadPhase[] phases = [Phase(5, 50, 3), Phase(0, 0, 2), Phase(50, 5, 3)];

        var arrivals = ArrivalSchedule.Build(phases, ArrivalKind.Poisson, 5);

        Assert.True(arrivals.Zip(arrivals.Skip(1)).All(p => p.First.AtUs <= p.Second.AtUs));
        Assert.DoesNotContain(arrivals, a => a.Phase == 1);
        Assert.All(arrivals, a => Assert.InRange(a.AtUs, a.Phase == 0 ? 0 : 5_000_000, a.Phase == 0 ? 3_000_000 : 8_000_000));
    }
}
