using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class RunTests(AzuriteFixture azurite) : RunContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await CreateAsync(azurite);

    [Fact]
    public async Task Accept_TakenId_StoresNothing()
    {
        var first = await _it.Store.AcceptAsync(Run("a"), new byte[] { 1 }, Token);
        Assert.Null(await _it.Store.AcceptAsync(Run("a"), new byte[] { 2 }, Token));
        Assert.False(await _it.Store.AddRunAsync(Run("a", Noon.AddSeconds(1)), Token));
        Assert.Equal([1], await _it.Payloads.FindAsync(first!.Payload, Token));
        Assert.Equal(1, await _it.BlobsAsync(_it.Account.Options.PayloadContainer));
    }

    [Fact]
    public async Task Delete_OnlyEndedRuns_LeavesNothing()
    {
        await _it.Store.AddRunAsync(Run("a"), Token);
        Assert.False(await _it.Store.DeleteRunAsync("a", Token));
        await _it.Store.EndRunAsync("a", RunState.Cancelled, null, Noon, Token);
        Assert.True(await _it.Store.DeleteRunAsync("a", Token));
        Assert.Null(await _it.Store.FindRunAsync("a", Token));
        Assert.False(await _it.Store.DeleteRunAsync("a", Token));
        Assert.Equal(0, await _it.RowsAsync("Runs"));
    }

    [Fact]
    public async Task LargeTexts_TravelByBlob_AndGoWithTheirRun()
    {
        var (parameters, result) = (new string('p', 40_000) + "é", new string('r', 70_000));
        await _it.Store.AddRunAsync(Run("a") with { Parameters = parameters }, Token);
        Assert.True(await _it.Store.EndRunAsync("a", RunState.Completed, result, Noon, Token));
        Assert.False(await _it.Store.EndRunAsync("a", RunState.Completed, result, Noon, Token));

        var run = await _it.Store.FindRunAsync("a", Token);
        Assert.Equal((parameters, result), (run!.Parameters, run.Result));
        Assert.Equal(run, Assert.Single((await _it.Store.ListRunsAsync(5, null, null, Token)).Runs));
        Assert.Equal(2, await _it.BlobsAsync(_it.Account.Options.StateContainer));

        Assert.True(await _it.Store.DeleteRunAsync("a", Token));
        Assert.Equal(0, await _it.BlobsAsync(_it.Account.Options.StateContainer));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("r-0000000000000000000-a' or RowKey gt '")]
    public async Task List_StrangeAfter_IsRefused(string after) =>
        await Assert.ThrowsAsync<FormatException>(async () => await _it.Store.ListRunsAsync(10, after, null, Token));
}
