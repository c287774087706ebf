using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Tests.Telemetry;

public class HistogramTests
{
    [Fact]
    public void Quantile_AnySamples_IsWithinOneBucket()
    {
        Prop.ForAll(Gen.Choose(0, 10_000_000).NonEmptyListOf().Select(l => l.ToArray()).ToArbitrary(), samples =>
        {
            var histogram = new Histogram();
            foreach (var sample in samples)
                histogram.Record(sample);
            var sorted = samples.OrderBy(s => s).ToArray();
            return new[] { 0.01, 0.5, 0.9, 0.99, 1 }.All(q =>
            {
                var exact = sorted[Math.Max(0, (int)Math.Ceiling(q * sorted.Length) - 1)];
                var got = histogram.Quantile(q);
                return got >= exact && got <= (exact * 1.125) + 1;
            });
        }).Check(Properties.Cases());
    }

    [Fact]
    public void CumulativeCounts_Bounds_NeverCountBeyond()
    {
        var histogram = new Histogram();
        foreach (var value in new long[] { 1, 100, 1000, 100_000 })
            histogram.Record(value);
        Assert.Equal([1, 2, 3, 4], histogram.CumulativeCounts([10, 200, 2000, long.MaxValue]));
    }
}
