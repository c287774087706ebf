using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Nats.Tests.Storage;

public sealed class NatsRunsTests(NatsFixture nats) : RunContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await StoreUnderTest.CreateAsync(nats);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _it.DisposeAsync();
    }

    [Fact]
    public async Task Accept_TakenId_StoresNothing()
    {
        var first = await _it.Store.AcceptAsync(Run("a"), new byte[] { 1 }, Token);
        var objects = await _it.ObjectsAsync("objects");
        Assert.Null(await _it.Store.AcceptAsync(Run("a"), new byte[] { 2 }, Token));
        Assert.False(await _it.Store.AddRunAsync(Run("a", Noon.AddSeconds(1)), Token));
        Assert.Equal([1], await _it.Payloads.FindAsync(first!.Payload, Token));
        Assert.Equal(objects, await _it.ObjectsAsync("objects"));
        Assert.Equal("a", Assert.Single(await _it.Store.UnfinishedRunsAsync(Token)).Id);
        Assert.Equal(1, await _it.Store.CountUnfinishedRunsAsync(9, Token));
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
        Assert.Equal(0, await _it.BucketAsync("runs"));
    }

    [Fact]
    public async Task LargeTexts_AreObjects_AndGoWithTheirRun()
    {
        var (parameters, result) = (new string('p', 400_000) + "é", new string('r', 700_000));
        await _it.Store.AddRunAsync(Run("a") with { Parameters = parameters }, Token);
        Assert.True(await _it.Store.EndRunAsync("a", RunState.Completed, result, Noon, Token));
        Assert.False(await _it.Store.EndRunAsync("a", RunState.Completed, result, Noon, Token));

        var run = await _it.Store.FindRunAsync("a", Token);
        Assert.Equal((parameters, result), (run!.Parameters, run.Result));
        Assert.Equal(run, Assert.Single((await _it.Store.ListRunsAsync(5, null, null, Token)).Runs));
        Assert.True(await _it.Store.DeleteRunAsync("a", Token));
        Assert.Equal(0, await _it.ObjectsAsync("objects"));
    }

    [Fact]
    public async Task Unfinished_MarkThatACrashLeft_IsDeleted()
    {
        await _it.Store.AddRunAsync(Run("a"), Token);
        await _it.Store.EndRunAsync("a", RunState.Completed, "{}", Noon, Token);
        // As if the process had died between the end and the mark.
        await _it.Link.JetStream.PublishAsync($"$KV.{_it.Options.Prefix}-runs.open.1.a", "a"u8.ToArray(), cancellationToken: Token);
        Assert.Empty(await _it.Store.UnfinishedRunsAsync(Token));
        Assert.Equal(0, await _it.Store.CountUnfinishedRunsAsync(9, Token));
    }

    [Fact]
    public async Task Prune_OldestFirst_LeavesWhatRuns()
    {
        for (var i = 0; i < 4; i++)
        {
            await _it.Store.AddRunAsync(Run($"r{i}"), Token);
            if (i < 3)
                await _it.Store.EndRunAsync($"r{i}", RunState.Failed, "{}", Noon.AddSeconds(i), Token);
        }

        Assert.Equal(1, await _it.Store.PruneRunsAsync(Noon.AddSeconds(2), 1, Token));
        Assert.Null(await _it.Store.FindRunAsync("r0", Token));
        Assert.Equal(1, await _it.Store.PruneRunsAsync(Noon.AddSeconds(2), 5, Token));
        Assert.Equal(["r2", "r3"], (await _it.Store.ListRunsAsync(9, null, null, Token)).Runs.Select(r => r.Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("17-")]
    [InlineData("17-a.>")]
    public async Task List_StrangeAfter_IsRefused(string after) =>
        await Assert.ThrowsAsync<FormatException>(async () => await _it.Store.ListRunsAsync(10, after, null, Token));
}
