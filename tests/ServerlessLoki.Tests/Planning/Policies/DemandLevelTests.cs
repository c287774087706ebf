using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies.Unified;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class DemandLevelTests
{
    private const double LoadTimes = 4;
    private const int SettledAfter = 60;
    private const int Seconds = 360;
    private const int Seeds = 5;

    [Theory]
    [InlineData(10, 0)]
    [InlineData(10, 2)]
    [InlineData(100, 0)]
    [InlineData(100, 2)]
    [InlineData(1000, 0)]
    public void Of_ConstantPoissonRate_HardlyMoves(double qps, double loadSeconds)
    {
        var (changes, error) = (0, 0.0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var course = Course(Arrivals.Poisson(qps, TimeSpan.FromSeconds(Seconds)), seed, loadSeconds);
            for (var second = SettledAfter + 1; second < Seconds; second++)
                (changes, error) = (changes + (course[second] == course[second - 1] ? 0 : 1), error + Math.Abs((course[second] / qps) - 1));
        }

        // The forecast moves each second.
        Assert.True(changes < 3 * Seeds * (Seconds - SettledAfter) / 60.0, $"{changes} changes");
        // A minute's mean is known to this part of it. What is planned for lies above it, and chance makes the last seconds count now and then.
        Assert.InRange(error / Seeds / (Seconds - SettledAfter), 0, 3 / Math.Sqrt(60 * qps));
    }

    [Theory]
    [InlineData(100, 200, 2)]
    [InlineData(100, 50, 4)]
    [InlineData(400, 80, 2)]
    [InlineData(400, 600, 2)]
    public void Of_RateJumps_FollowsWithinSeconds(double before, double after, int within)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var course = Course(Arrivals.Step([(before, TimeSpan.FromSeconds(SettledAfter)), (after, TimeSpan.FromSeconds(20))]), seed, 0);
            Assert.InRange(course[SettledAfter], 0.8 * before, 1.2 * before);
            // Three standard errors of what was seen since.
            Assert.InRange(course[SettledAfter + within] / after, 1 - (3 / Math.Sqrt(after * within)), 1 + (3 / Math.Sqrt(after * within)) + 0.1);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public void Of_Ramp_IsFollowed(double qpsPerSecond)
    {
        var (from, error, count) = (qpsPerSecond > 0 ? 100 : 400, 0.0, 0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var steps = Enumerable.Range(0, 60).Select(s => (from + (qpsPerSecond * (s + 0.5)), TimeSpan.FromSeconds(1)));
            var course = Course(Arrivals.Step([(from, TimeSpan.FromSeconds(60)), .. steps]), seed, 0);
            for (var second = 70; second < 120; second++, count++)
                error += (course[second] / (from + (qpsPerSecond * (second - 60)))) - 1;
        }

        Assert.InRange(error / count, -0.03, 0.08);
    }

    [Fact]
    public void Of_BurstsAreTheTraffic_AreNoChangesOfTheRate()
    {
        var course = Course(Arrivals.Gamma(100, 8, TimeSpan.FromSeconds(Seconds)), 1, 0);
        Assert.InRange(course.Skip(SettledAfter).Average(), 90, 115);
    }

    [Fact]
    public void Of_ForecastFarAbove_IsABurstJustSeen()
    {
        var problem = At(Trace(Arrivals.Poisson(100, TimeSpan.FromSeconds(60)), 1), 60, 200, null, 0);
        Assert.Equal(200, DemandLevel.Of(problem, LoadTimes).Pipelines[0].DemandQps);
    }

    [Fact]
    public void Of_LoadsTakeTimeAndDemandMoves_IsTheOutlook()
    {
        var trace = Trace(Arrivals.Step([(100, TimeSpan.FromSeconds(50)), (200, TimeSpan.FromSeconds(10))]), 1);
        Assert.Equal(321, DemandLevel.Of(At(trace, 60, 321, null, 5), LoadTimes).Pipelines[0].DemandQps);
    }

    [Fact]
    public void Of_NothingSeen_IsTheForecast() =>
        Assert.Equal(70, DemandLevel.Of(Synthetic.Problem(70, 12, -1), LoadTimes).Pipelines[0].DemandQps);

    // [second] demand planned for, each from the one before.
    private static double[] Course(IArrivals arrivals, int seed, double loadSeconds)
    {
        var trace = Trace(arrivals, seed);
        var course = new double[(trace[^1].AtUs / 1_000_000) + 1];
        double? held = null;
        for (var second = 4; second < course.Length; second++)
        {
            // A forecast says as much as the last second.
            var forecast = Until(trace, second) - Until(trace, second - 1);
            held = course[second] = DemandLevel.Of(At(trace, second, forecast, held, loadSeconds), LoadTimes).Pipelines[0].DemandQps;
        }

        return course;
    }

    private static Arrival[] Trace(IArrivals arrivals, int seed)
    {
        var (stream, trace) = (arrivals.Open((ulong)seed), new List<Arrival>());
        while (stream.TryNext(out var arrival))
            trace.Add(arrival);
        return [.. trace];
    }

    // Arrivals before the end of a second.
    private static int Until(Arrival[] trace, int second)
    {
        var (low, high) = (0, trace.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = trace[middle].AtUs <= second * 1_000_000L ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static PlanningProblem At(Arrival[] trace, int second, double forecast, double? held, double loadSeconds)
    {
        var from = Math.Max(0, second - 60);
        return Synthetic.Problem(forecast, 12, -1) with
        {
            LoadTime = TimeSpan.FromSeconds(loadSeconds),
            Recent = new ArrivalWindow(from * 1_000_000L, second * 1_000_000L, [.. trace[Until(trace, from)..Until(trace, second)]]),
            Previous = held is not { } qps ? null : new Plan
            {
                Policy = PlanningPolicies.Unified, Slots = [], Flows = [], ServedShare = [1], Accuracy = 1, DemandQps = [qps],
                Proof = new PlanProof(0, 0, "optimal", 0, "test"), PolicyState = new HeadroomState([[1.0]]) { DemandQps = [qps] },
            },
        };
    }
}
