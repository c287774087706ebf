using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.InferLine;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Planning.Policies.InferLine;

/// <summary>InferLine's Tuner and what users expect on the example chain.</summary>
public sealed class TunerTests
{
    private const long Second = 1_000_000;
    private static readonly InferLineOptions Literal = new();
    private static readonly InferLineOptions Relative = InferLinePolicy.RelativeOptions;

    // λ = 120/s; A: k 2, μ 80, s 1. B: k 3, μ 30, s 0.5.
    private static PipelineSeed Seed(params long[] windowsUs) => new()
    {
        PlannedUs = 0,
        ChangedUs = 0,
        RateQps = 120,
        Envelope = new TrafficEnvelope([.. windowsUs], [.. windowsUs.Select(w => (int)(120 * w / Second))]),
        Stages = [new StageSeed(0, 0, 1, 2, 2, 80, 1), new StageSeed(0, 0, 1, 3, 3, 30, 0.5)],
    };

    private static int[] Replicas(PipelineSeed seed) => [.. seed.Stages.Select(s => s.Replicas)];

    private static long[] Every(long gapUs, long fromUs, long toUs) => [.. Enumerable.Range(0, (int)((toUs - fromUs) / gapUs)).Select(i => fromUs + (i * gapUs))];

    [Fact]
    public void Ratio_OfTheTable_HasTheScaleFactorInIt()
    {
        var seed = Seed(Second);

        Assert.Equal(0.75, seed.Stages[0].Ratio(120), 1e-12);
        Assert.Equal(2.0 / 3, seed.Stages[1].Ratio(120), 1e-12);
    }

    [Theory]
    [InlineData(120, 2, 3)]
    [InlineData(130, 3, 4)]
    [InlineData(200, 4, 5)]
    [InlineData(240, 4, 6)]
    [InlineData(480, 8, 12)]
    public void ScaleUp_LargestRate_AsInTheTable(int rMax, int a, int b) =>
        Assert.Equal([a, b], Replicas(Tuner.ScaleUp(Seed(Second), new TrafficEnvelope([Second], [rMax]), Literal)));

    [Theory]
    [InlineData(100, 2, 3)]
    [InlineData(60, 2, 2)]
    [InlineData(20, 1, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(1000, 2, 3)]
    public void ScaleDown_CalmRate_AsInTheTableAndNeverMore(double calmQps, int a, int b) =>
        Assert.Equal([a, b], Replicas(Tuner.ScaleDown(Seed(Second), calmQps)));

    [Fact]
    public void CalmQps_BurstOfAFewSeconds_LargestFiveSecondMeanOfTheLastThirty()
    {
        long[] arrivals = [.. Every(10_000, 0, 31 * Second), .. Every(2_000, 31 * Second, 33 * Second), .. Every(10_000, 33 * Second, 60 * Second)];

        // The window from 30 s to 35 s: three calm seconds at 100/s, two at 500/s. Earlier ones are too old.
        Assert.Equal(260, Tuner.CalmQps(arrivals, 60 * Second), 1.0);
        Assert.Equal(100, Tuner.CalmQps(arrivals, 70 * Second), 1.0);
    }

    [Fact]
    public void Tune_RateDoublesInAStep_DoublesEveryStageWithinATick()
    {
        var windows = TrafficEnvelope.Ladder(35_000);
        long[] before = Every(10_000, 0, 60 * Second);
        var seed = Seed() with
        {
            RateQps = 100,
            Envelope = TrafficEnvelope.Of(before, windows),
            Stages = [new StageSeed(0, 0, 1, 4, 4, 50, 1), new StageSeed(0, 0, 1, 3, 3, 25, 0.5)],
        };
        long[] arrivals = [.. before, .. Every(5_000, 60 * Second, 61 * Second)];

        var tuned = Tuner.Tune(seed, arrivals, 0, 61 * Second, Literal);

        Assert.All(tuned.Stages, s => Assert.True(s.Replicas >= 2 * s.Planned, $"{s}"));
        Assert.Equal(61 * Second, tuned.ChangedUs);
        Assert.Equal([8, 6], Replicas(Tuner.Tune(seed, arrivals, 0, 61 * Second, Relative)));
    }

    [Fact]
    public void Tune_TrafficStops_NoReplicaGoesBeforeTheStableTimeAndAsLongAsTheMinuteRemembers()
    {
        long[] burst = [.. Every(10_000, 0, 60 * Second), .. Every(2_500, 60 * Second, 62 * Second)];
        var seed = Seed() with { RateQps = 100, Envelope = TrafficEnvelope.Of(burst.AsSpan(0, 6000), TrafficEnvelope.Ladder(35_000)) };
        long? shrunkUs = null;
        var most = 0;
        for (var now = 60 * Second; now <= 200 * Second && shrunkUs is null; now += Second)
        {
            var known = burst.Where(t => t <= now && t >= now - (75 * Second)).ToArray();
            var tuned = Tuner.Tune(seed, known, Math.Max(0, now - (75 * Second)), now, Literal);
            if (tuned.Stages.Sum(s => s.Replicas) < seed.Stages.Sum(s => s.Replicas))
                shrunkUs = now;
            most = Math.Max(most, tuned.Stages.Sum(s => s.Replicas));
            seed = tuned;
        }

        Assert.True(most >= 20);
        // The last burst leaves the minute at 122 s; then calm for the stable time.
        Assert.InRange(shrunkUs!.Value, 135 * Second, 139 * Second);
        Assert.Equal([1, 1], Replicas(seed));
    }

    [Fact]
    public void Tune_CalmFromTheStart_WaitsFifteenSecondsAfterTheLastChange()
    {
        var seed = Seed(Second) with { ChangedUs = 100 * Second };
        var arrivals = Every(100_000, 40 * Second, 130 * Second);

        for (var now = 100 * Second; now < 115 * Second; now += Second / 4)
            Assert.Same(seed, Tuner.Tune(seed, arrivals.Where(t => t <= now).ToArray(), 40 * Second, now, Literal));
        Assert.Equal([1, 1], Replicas(Tuner.Tune(seed, arrivals.Where(t => t <= 115 * Second).ToArray(), 40 * Second, 115 * Second, Literal)));
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(4)]
    public void ScaleUp_SameStatistics_LiteralReactsAndRelativeStaysCalm(double squaredCv)
    {
        static long[] Trace(double squaredCv, double seconds, ulong seed)
        {
            var arrivals = new List<long>();
            var stream = Arrivals.Gamma(100, squaredCv, TimeSpan.FromSeconds(seconds)).Open(seed);
            while (stream.TryNext(out var arrival))
                arrivals.Add(arrival.AtUs);
            return [.. arrivals];
        }

        // Windows are a minute at most, so one envelope over ten minutes is what the tuner sees in all its looks.
        var windows = TrafficEnvelope.Ladder(35_000);
        var literal = 0;
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var planned = Seed() with { RateQps = 100, Envelope = TrafficEnvelope.Of(Trace(squaredCv, 200, seed), windows) };
            var fresh = TrafficEnvelope.Of(Trace(squaredCv, 600, 100 + seed), windows);
            Assert.Same(planned, Tuner.ScaleUp(planned, fresh, Relative));
            literal += ReferenceEquals(planned, Tuner.ScaleUp(planned, fresh, Literal)) ? 0 : 1;
        }

        Assert.True(literal >= 8, $"{literal} of 10");
    }

    /// <summary>InferLine's Tuner on the example chain: shape and scale of the gaps show as mean 10 ms and variance CV · mean².</summary>
    [Theory]
    [InlineData(0.1, 10, 1)]
    [InlineData(1, 1, 10)]
    [InlineData(4, 0.25, 40)]
    public void Gamma_OfTheTable_MeanAndVariance(double squaredCv, double shape, double scaleMs)
    {
        var stream = Arrivals.Gamma(100, squaredCv, TimeSpan.FromSeconds(2000)).Open(3);
        var (count, sum, squares, last) = (0, 0.0, 0.0, 0L);
        while (stream.TryNext(out var arrival))
        {
            var gapMs = (arrival.AtUs - last) / 1000.0;
            (count, sum, squares, last) = (count + 1, sum + gapMs, squares + (gapMs * gapMs), arrival.AtUs);
        }

        var mean = sum / count;
        Assert.Equal(shape * scaleMs, mean, 0.1);
        Assert.Equal(1, ((squares / count) - (mean * mean)) / (shape * scaleMs * scaleMs), 0.05);
    }
}
