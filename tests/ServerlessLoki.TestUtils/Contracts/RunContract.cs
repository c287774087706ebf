using ServerlessLoki.Serving.Ports;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>What every store of runs promises.</summary>
public abstract class RunContract : StoreContract
{
    [Fact]
    public async Task Accept_NewRun_StoresRunAndPayload()
    {
        var stored = await It.Intake.AcceptAsync(Run("a"), new byte[] { 1, 2, 3 }, Token);
        var found = await It.Store.FindRunAsync("a", Token);
        Assert.Equal(stored, found);
        Assert.Equal(Run("a") with { Payload = stored!.Payload }, found);
        Assert.Equal([1, 2, 3], await It.Payloads.FindAsync(stored.Payload, Token));
        Assert.Null(await It.Store.FindRunAsync("b", Token));
    }

    [Fact]
    public async Task End_TwentyAtOnce_OneWins()
    {
        await It.Intake.AcceptAsync(Run("a"), new byte[] { 1 }, Token);
        var ended = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            It.Another().EndRunAsync("a", i % 2 == 0 ? RunState.Completed : RunState.Failed, $"{i}", Noon.AddSeconds(i), Token).AsTask()));
        var winner = Array.IndexOf(ended, true);
        Assert.Single(ended, e => e);
        var run = await It.Store.FindRunAsync("a", Token);
        Assert.Equal(($"{winner}", Noon.AddSeconds(winner)), (run!.Result, run.Ended!.Value));
        Assert.Empty(await It.Store.UnfinishedRunsAsync(Token));
    }

    [Fact]
    public async Task End_UnknownRunOrNoFinalState_IsRefused()
    {
        Assert.False(await It.Store.EndRunAsync("nobody", RunState.Failed, null, Noon, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await It.Store.EndRunAsync("a", RunState.Accepted, null, Noon, Token));
    }

    [Fact]
    public async Task List_ByPages_GivesEachRunOnceNewestFirst()
    {
        for (var i = 0; i < 25; i++)
        {
            await It.Store.AddRunAsync(Run($"r{i:00}", Noon.AddSeconds(i)), Token);
            if (i % 2 == 0)
                await It.Store.EndRunAsync($"r{i:00}", RunState.Completed, "{}", Noon, Token);
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await It.Store.ListRunsAsync(10, after, null, Token);
            seen.AddRange(page.Runs.Select(r => r.Id));
            after = page.Next;
            // A run that comes in between must not shift the pages.
            await It.Store.AddRunAsync(Run($"new{seen.Count}", Noon.AddHours(1)), Token);
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"r{i:00}"), seen);
        var ended = await It.Store.ListRunsAsync(13, null, RunState.Completed, Token);
        Assert.Equal((13, (string?)null), (ended.Runs.Count, ended.Next));
        Assert.All(ended.Runs, r => Assert.Equal(RunState.Completed, r.State));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task List_SizeOutOfRange_IsRefused(int size) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await It.Store.ListRunsAsync(size, null, null, Token));

    [Fact]
    public async Task Unfinished_OldestFirst()
    {
        foreach (var (id, second) in ((string, int)[])[("c", 1), ("a", 2), ("b", 3)])
            await It.Store.AddRunAsync(Run(id, Noon.AddSeconds(second)), Token);
        await It.Store.EndRunAsync("a", RunState.Completed, "{}", Noon, Token);
        Assert.Equal(["c", "b"], (await It.Store.UnfinishedRunsAsync(Token)).Select(r => r.Id));
        Assert.Equal((2, 1), (await It.Store.CountUnfinishedRunsAsync(9, Token), await It.Store.CountUnfinishedRunsAsync(1, Token)));
    }

    [Theory]
    [InlineData("a/b\\c#d?e'f%g h\té")]
    [InlineData("~2F")]
    [InlineData("日本語")]
    public async Task StrangeIds_AreKept(string id)
    {
        Assert.True(await It.Store.AddRunAsync(Run(id), Token));
        Assert.Equal(Run(id), await It.Store.FindRunAsync(id, Token));
        Assert.Equal(id, Assert.Single((await It.Store.ListRunsAsync(1, null, null, Token)).Runs).Id);
    }

    [Fact]
    public async Task LongIds_ThatDifferAtTheEnd_AreToldApart()
    {
        var name = new string('x', 5000);
        await It.Store.AddRunAsync(Run(name + "1"), Token);
        await It.Store.AddRunAsync(Run(name + "2"), Token);
        Assert.Equal(name + "1", (await It.Store.FindRunAsync(name + "1", Token))!.Id);
        Assert.Null(await It.Store.FindRunAsync(name, Token));
    }
}
