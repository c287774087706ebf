using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Profiles;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Worker.Tests;

public sealed class DeviceProfileTests(AzuriteFixture azurite)
{
    private static readonly ModelOptions Models = new() { MaxBatch = 2 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Complete_OneVariantUnknown_IsMeasuredAndPublishedForTheDevice()
    {
        var pipelines = await PipelinesAsync();
        var variants = Variants(pipelines);
        var device = AzuriteFixture.UniqueName();
        var state = await StateAsync();
        var known = variants.Skip(1).Select(v => new ProfileRow(v, device, 1, 5, 5, 6, 6)).ToList();

        var missing = DeviceProfile.Missing(pipelines, known, device);
        var measured = await DeviceProfile.CompleteAsync(state, pipelines, missing, device, Models, TimeProvider.System, static _ => { }, Token);

        Assert.Equal([variants[0]], missing);
        Assert.All(measured, row => Assert.Equal((variants[0], device), (row.Variant, row.Device)));
        Assert.Equal([1, 2], measured.Select(static r => r.Batch).Order());
        Assert.Equal(variants.Count, DeviceProfile.Missing(pipelines, known, "cpu").Count);
        var published = Assert.Single(await MeasuredProfiles.ReadAsync(state, device, Token));
        Assert.Equal((variants[0], false), (published.Variant, published.IsFallback));
        Assert.Equal(measured, published.Rows);
    }

    [Fact]
    public async Task Complete_AnotherMeasuredTheseModels_MeasuresOnlyWhatChanged()
    {
        var pipelines = await PipelinesAsync();
        var variants = Variants(pipelines).Take(2).ToList();
        var device = AzuriteFixture.UniqueName();
        var state = await StateAsync();
        await DeviceProfile.CompleteAsync(state, pipelines, variants, device, Models, TimeProvider.System, static _ => { }, Token);
        var first = await MeasuredProfiles.ReadAsync(state, device, Token);
        // The second is of another model file by now; the first is told from a new measurement by its time.
        var known = first.Single(m => m.Variant == variants[0]);
        known = known with { Rows = [.. known.Rows.Select(static r => r with { P50Ms = 4321, P99Ms = 4321 })] };
        await MeasuredProfiles.PublishAsync(state, device, [known, first.Single(m => m.Variant == variants[1]) with { Model = "of-another-file" }], Token);
        var measuring = new List<string>();

        var rows = await DeviceProfile.CompleteAsync(state, pipelines, variants, device, Models, TimeProvider.System, measuring.AddRange, Token);

        Assert.Equal([variants[1]], measuring);
        Assert.All(rows.Where(r => r.Variant == variants[0]), static r => Assert.Equal(4321, r.P50Ms));
        Assert.Equal(first.Single(m => m.Variant == variants[1]).Model, (await MeasuredProfiles.ReadAsync(state, device, Token)).Single(m => m.Variant == variants[1]).Model);
    }

    private static List<string> Variants(IReadOnlyList<PipelineSource> pipelines) => [.. pipelines[0].Pipeline.Tasks.SelectMany(static t => t.Variants).Select(static v => v.Name)];

    private static Task<IReadOnlyList<PipelineSource>> PipelinesAsync() => PipelineFiles.ReadAsync([TrafficSample.PipelinePath], TransformRegistry.Default, Models, Token);

    private async Task<TableStateStore> StateAsync()
    {
        var account = StorageAccount.ConnectLocally(await azurite.ConnectionStringAsync());
        return new TableStateStore(account, new BlobPayloadStore(account));
    }
}
