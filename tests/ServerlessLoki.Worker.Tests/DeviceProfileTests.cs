using ServerlessLoki.Profiles;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Inference;
using ServerlessLoki.Serving.Inference.Transforms;

namespace ServerlessLoki.Worker.Tests;

public sealed class DeviceProfileTests
{
    [Fact]
    public async Task Missing_OneVariantUnknown_IsMeasuredForThisDevice()
    {
        var token = TestContext.Current.CancellationToken;
        var models = new ModelOptions { MaxBatch = 2 };
        var pipelines = await PipelineFiles.ReadAsync([TrafficSample.PipelinePath], TransformRegistry.Default, models, token);
        var variants = pipelines[0].Pipeline.Tasks.SelectMany(static t => t.Variants).Select(static v => v.Name).ToList();
        var known = variants.Skip(1).Select(static v => new ProfileRow(v, "t4", 1, 5, 5, 6, 6)).ToList();

        var missing = DeviceProfile.Missing(pipelines, known, "t4");
        var measured = DeviceProfile.Measure(pipelines, missing, "t4", models, TimeProvider.System, token);

        Assert.Equal([variants[0]], missing);
        Assert.All(measured, row => Assert.Equal((variants[0], "t4"), (row.Variant, row.Device)));
        Assert.Equal([1, 2], measured.Select(static r => r.Batch).Order());
        Assert.Equal(variants.Count, DeviceProfile.Missing(pipelines, known, "cpu").Count);
    }
}
