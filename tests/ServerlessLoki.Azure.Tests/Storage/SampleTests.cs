using System.Globalization;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class SampleTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private StoreUnderTest _it = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _it = await CreateAsync(azurite);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Samples_BySeriesAndTime_InOrderAndPruned()
    {
        await _it.Store.AddSampleAsync("demand", "b/ü", Noon.AddSeconds(1), "1", Token);
        await _it.Store.AddSampleAsync("demand", "a", Noon.AddSeconds(1.9), "2", Token);
        await _it.Store.AddSampleAsync("demand", "a", Noon, "3", Token);
        await _it.Store.AddSampleAsync("demand", "a", Noon.AddMilliseconds(400), "4", Token);
        await _it.Store.AddSampleAsync("demand2", "a", Noon, "5", Token);
        StoredSample[] all = [new("a", Noon, "4"), new("a", Noon.AddSeconds(1), "2"), new("b/ü", Noon.AddSeconds(1), "1")];
        Assert.Equal(all, await _it.Store.SamplesAsync("demand", Noon, Token));
        Assert.Equal(all[1..], await _it.Store.SamplesAsync("demand", Noon.AddMilliseconds(1), Token));
        await _it.Store.PruneSamplesAsync("demand", Noon.AddSeconds(1), Token);
        Assert.Equal(all[1..], await _it.Store.SamplesAsync("demand", DateTimeOffset.UnixEpoch, Token));
        Assert.Single(await _it.Store.SamplesAsync("demand2", Noon, Token));
    }

    [Fact]
    public async Task Samples_AcrossHours_AreFoundAndPruned()
    {
        for (var minute = 0; minute < 150; minute += 10)
            await _it.Store.AddSampleAsync("demand", "a", Noon.AddMinutes(minute), $"{minute}", Token);
        Assert.Equal(Enumerable.Range(6, 9).Select(i => $"{10 * i}"), (await _it.Store.SamplesAsync("demand", Noon.AddHours(1), Token)).Select(s => s.Json));
        await _it.Store.PruneSamplesAsync("demand", Noon.AddMinutes(90), Token);
        Assert.Equal(Enumerable.Range(9, 6).Select(i => $"{10 * i}"), (await _it.Store.SamplesAsync("demand", Noon, Token)).Select(s => s.Json));
        Assert.Equal(6, await _it.RowsAsync("Samples"));
    }

    [Fact]
    public async Task Samples_OverAThousand_AreAllFoundAndPruned()
    {
        await Parallel.ForAsync(0, 1100, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token }, async (i, stop) =>
            await _it.Store.AddSampleAsync("demand", $"s{i:0000}", Noon.AddSeconds(i % 7), $"{i}", stop));
        var found = await _it.Store.SamplesAsync("demand", Noon, Token);
        Assert.Equal(Enumerable.Range(0, 1100), found.Select(s => int.Parse(s.Json, CultureInfo.InvariantCulture)).Order());
        await Task.WhenAll(_it.Store.PruneSamplesAsync("demand", Noon.AddSeconds(7), Token).AsTask(), _it.Another().PruneSamplesAsync("demand", Noon.AddSeconds(7), Token).AsTask());
        Assert.Empty(await _it.Store.SamplesAsync("demand", Noon, Token));
    }

    [Fact]
    public async Task Add_TooLong_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _it.Store.AddSampleAsync("demand", "a", Noon, new string('x', 32_001), Token));
}
