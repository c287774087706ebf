using System.Globalization;
using ServerlessLoki.Serving.Ports;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>What every store of samples promises.</summary>
public abstract class SampleContract : StoreContract
{
    [Fact]
    public async Task Samples_BySeriesAndTime_InOrderAndPruned()
    {
        await It.Store.AddSampleAsync("demand", "b/ü", Noon.AddSeconds(1), "1", Token);
        await It.Store.AddSampleAsync("demand", "a", Noon.AddSeconds(1.9), "2", Token);
        await It.Store.AddSampleAsync("demand", "a", Noon, "3", Token);
        await It.Store.AddSampleAsync("demand", "a", Noon.AddMilliseconds(400), "4", Token);
        await It.Store.AddSampleAsync("demand2", "a", Noon, "5", Token);
        StoredSample[] all = [new("a", Noon, "4"), new("a", Noon.AddSeconds(1), "2"), new("b/ü", Noon.AddSeconds(1), "1")];
        Assert.Equal(all, await It.Store.SamplesAsync("demand", Noon, Token));
        Assert.Equal(all[1..], await It.Store.SamplesAsync("demand", Noon.AddMilliseconds(1), Token));
        await It.Store.PruneSamplesAsync("demand", Noon.AddSeconds(1), Token);
        Assert.Equal(all[1..], await It.Store.SamplesAsync("demand", DateTimeOffset.UnixEpoch, Token));
        Assert.Single(await It.Store.SamplesAsync("demand2", Noon, Token));
    }

    [Fact]
    public async Task Samples_OverAThousand_AreAllFoundAndPruned()
    {
        await Parallel.ForAsync(0, 1100, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token }, async (i, stop) =>
            await It.Store.AddSampleAsync("demand", $"s{i:0000}", Noon.AddSeconds(i % 7), $"{i}", stop));
        var found = await It.Store.SamplesAsync("demand", Noon, Token);
        Assert.Equal(Enumerable.Range(0, 1100), found.Select(s => int.Parse(s.Json, CultureInfo.InvariantCulture)).Order());
        await Task.WhenAll(It.Store.PruneSamplesAsync("demand", Noon.AddSeconds(7), Token).AsTask(), It.Another().PruneSamplesAsync("demand", Noon.AddSeconds(7), Token).AsTask());
        Assert.Empty(await It.Store.SamplesAsync("demand", Noon, Token));
    }
}
