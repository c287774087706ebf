using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Tests.Telemetry;

public class VariantMetricsTests
{
    [Fact]
    public void Ran_SeveralSizes_AddsUpEachByItself()
    {
        var metrics = new VariantMetrics("p", "t", "v");
        metrics.Ran(4, 1, 10, 2);
        metrics.Ran(1, 1, 5, 1);
        metrics.Ran(4, 3, 20, 4);
        Assert.Equal([new BatchSizeStats(1, 1, 1, 5, 1), new BatchSizeStats(4, 2, 4, 30, 6)], metrics.BatchStats);
        Assert.Equal((3, 35), (metrics.ComputeUs.Count, metrics.ComputeUs.Sum));
    }
}
