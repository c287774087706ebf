using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.Profiles;

/// <summary>Profiles that live times prove wrong.</summary>
public sealed class LiveCorrectionTests
{
    [Fact]
    public void Look_ProfileOfABusyMachine_IsBroughtDownWithinSeconds()
    {
        // As measured: 8 ms instead of 0.36.
        var (correction, profiledUs) = (new LiveCorrection(), 8000.0);
        var looks = 0;
        for (; profiledUs > 360 * 1.3 && looks < 20; looks++)
            profiledUs *= correction.Look(100, 100 * 360, 100 * profiledUs);

        Assert.InRange(looks, 1, 6);
        Assert.True(correction.HasEvidence);
    }

    [Fact]
    public void Look_MachineBusyForAWhile_ProfileStays()
    {
        var correction = new LiveCorrection();
        for (var i = 0; i < 100; i++)
            Assert.Equal(1, correction.Look(50, i % LiveCorrection.Looks == 3 ? 50 * 1050 : 50 * 4000, 50 * 1000));
    }

    [Fact]
    public void Look_EvenTheBestIsSlower_ProfileGoesUpStepByStep()
    {
        var (correction, profiledUs) = (new LiveCorrection(), 1000.0);
        var steps = new List<double>();
        for (var i = 0; i < 4 * LiveCorrection.Looks; i++)
        {
            var factor = correction.Look(50, 50 * 2100 * (i % 3 == 0 ? 1 : 1.5), 50 * profiledUs);
            profiledUs *= factor;
            if (factor != 1)
                steps.Add(factor);
        }

        Assert.Equal(1.5, steps[0]);
        Assert.All(steps, s => Assert.InRange(s, 1.0, 1.5));
        Assert.InRange(profiledUs, 2100 / 1.3, 2100 * 1.01);
    }

    [Theory]
    [InlineData(3, 300, 3000)]
    [InlineData(0, 0, 0)]
    public void Look_TooFewBatches_SayNothing(long batches, double actualUs, double expectedUs)
    {
        var correction = new LiveCorrection();

        Assert.Equal(1, correction.Look(batches, actualUs, expectedUs));
        Assert.False(correction.HasEvidence);
    }

    [Fact]
    public void Least_OfTwoMeasurements_TheFasterAtEachBatchSize()
    {
        LatencyProfile Of(params (string Variant, int Batch, double Ms)[] rows) => new(rows.Select(r => new ProfileRow(r.Variant, "cpu", r.Batch, r.Ms, r.Ms, r.Ms, r.Ms)));
        var busy = Of(("n", 1, 8), ("n", 2, 0.6), ("s", 1, 1.4));
        var quiet = Of(("n", 1, 0.4), ("n", 2, 0.7), ("s", 1, 1.5), ("s", 2, 3));

        var least = RepeatedProfile.Least(busy, quiet);

        Assert.Equal([("n", 1, 0.4), ("n", 2, 0.6), ("s", 1, 1.4), ("s", 2, 3.0)], least.Rows.Select(r => (r.Variant, r.Batch, r.P50Ms)).Order());
        Assert.False(RepeatedProfile.Agrees(busy, quiet));
        Assert.True(RepeatedProfile.Agrees(least, quiet));
    }
}
