using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class RunTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private StoreUnderTest _it = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _it = await CreateAsync(azurite);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Accept_NewRun_StoresRunAndPayload()
    {
        var stored = await _it.Store.AcceptAsync(Run("a"), new byte[] { 1, 2, 3 }, Token);
        var found = await _it.Store.FindRunAsync("a", Token);
        Assert.Equal(stored, found);
        Assert.Equal(Run("a") with { Payload = stored!.Payload }, found);
        Assert.Equal([1, 2, 3], await _it.Payloads.FindAsync(stored.Payload, Token));
        Assert.Null(await _it.Store.FindRunAsync("b", Token));
    }

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
    public async Task End_TwentyAtOnce_OneWins()
    {
        await _it.Store.AcceptAsync(Run("a"), new byte[] { 1 }, Token);
        var ended = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            _it.Another().EndRunAsync("a", i % 2 == 0 ? RunState.Completed : RunState.Failed, $"{i}", Noon.AddSeconds(i), Token).AsTask()));
        var winner = Array.IndexOf(ended, true);
        Assert.Single(ended, e => e);
        var run = await _it.Store.FindRunAsync("a", Token);
        Assert.Equal(($"{winner}", Noon.AddSeconds(winner)), (run!.Result, run.Ended!.Value));
        Assert.Empty(await _it.Store.UnfinishedRunsAsync(Token));
    }

    [Fact]
    public async Task End_UnknownRunOrNoFinalState_IsRefused()
    {
        Assert.False(await _it.Store.EndRunAsync("nobody", RunState.Failed, null, Noon, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _it.Store.EndRunAsync("a", RunState.Accepted, null, Noon, Token));
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

    [Fact]
    public async Task List_ByPages_GivesEachRunOnceNewestFirst()
    {
        for (var i = 0; i < 25; i++)
        {
            await _it.Store.AddRunAsync(Run($"r{i:00}", Noon.AddSeconds(i)), Token);
            if (i % 2 == 0)
                await _it.Store.EndRunAsync($"r{i:00}", RunState.Completed, "{}", Noon, Token);
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await _it.Store.ListRunsAsync(10, after, null, Token);
            seen.AddRange(page.Runs.Select(r => r.Id));
            after = page.Next;
            // A run that comes in between must not shift the pages.
            await _it.Store.AddRunAsync(Run($"new{seen.Count}", Noon.AddHours(1)), Token);
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"r{i:00}"), seen);
        var ended = await _it.Store.ListRunsAsync(13, null, RunState.Completed, Token);
        Assert.Equal((13, (string?)null), (ended.Runs.Count, ended.Next));
        Assert.All(ended.Runs, r => Assert.Equal(RunState.Completed, r.State));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("r-0000000000000000000-a' or RowKey gt '")]
    public async Task List_StrangeAfter_IsRefused(string after) =>
        await Assert.ThrowsAsync<FormatException>(async () => await _it.Store.ListRunsAsync(10, after, null, Token));

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task List_SizeOutOfRange_IsRefused(int size) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _it.Store.ListRunsAsync(size, null, null, Token));

    [Fact]
    public async Task Unfinished_OldestFirst()
    {
        foreach (var (id, second) in ((string, int)[])[("c", 1), ("a", 2), ("b", 3)])
            await _it.Store.AddRunAsync(Run(id, Noon.AddSeconds(second)), Token);
        await _it.Store.EndRunAsync("a", RunState.Completed, "{}", Noon, Token);
        Assert.Equal(["c", "b"], (await _it.Store.UnfinishedRunsAsync(Token)).Select(r => r.Id));
        Assert.Equal((2, 1), (await _it.Store.CountUnfinishedRunsAsync(9, Token), await _it.Store.CountUnfinishedRunsAsync(1, Token)));
    }

    [Theory]
    [InlineData("a/b\\c#d?e'f%g h\té")]
    [InlineData("~2F")]
    [InlineData("日本語")]
    public async Task StrangeIds_AreKept(string id)
    {
        Assert.True(await _it.Store.AddRunAsync(Run(id), Token));
        Assert.Equal(Run(id), await _it.Store.FindRunAsync(id, Token));
        Assert.Equal(id, Assert.Single((await _it.Store.ListRunsAsync(1, null, null, Token)).Runs).Id);
    }

    [Fact]
    public async Task LongIds_ThatDifferAtTheEnd_AreToldApart()
    {
        var name = new string('x', 5000);
        await _it.Store.AddRunAsync(Run(name + "1"), Token);
        await _it.Store.AddRunAsync(Run(name + "2"), Token);
        Assert.Equal(name + "1", (await _it.Store.FindRunAsync(name + "1", Token))!.Id);
        Assert.Null(await _it.Store.FindRunAsync(name, Token));
    }
}
