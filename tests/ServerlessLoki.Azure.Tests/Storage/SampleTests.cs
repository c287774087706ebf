using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class SampleTests(AzuriteFixture azurite) : SampleContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await CreateAsync(azurite);

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
    public async Task Add_TooLong_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _it.Store.AddSampleAsync("demand", "a", Noon, new string('x', 32_001), Token));
}
