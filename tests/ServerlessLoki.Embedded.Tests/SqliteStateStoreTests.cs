using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded.Tests;

public sealed class SqliteStateStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private readonly TempDirectory _directory = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteStateStore _store;
    private readonly SqlitePayloadStore _payloads;

    public SqliteStateStoreTests()
    {
        _database = SqliteDatabase.Open(_directory.Path);
        _store = new SqliteStateStore(_database);
        _payloads = new SqlitePayloadStore(_database);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Accept_NewRun_StoresRunAndPayload()
    {
        var stored = await _store.AcceptAsync(Run("a"), new byte[] { 1, 2, 3 }, Token);
        var found = await _store.FindRunAsync("a", Token);
        Assert.Equal(stored, found);
        Assert.Equal(Run("a") with { Payload = stored!.Payload }, found);
        Assert.Equal([1, 2, 3], await _payloads.FindAsync(stored.Payload, Token));
    }

    [Fact]
    public async Task Accept_PartOfAnArray_StoresThatPartOnly()
    {
        byte[] whole = [1, 2, 3, 4, 5];
        var front = await _payloads.PutAsync(whole.AsMemory(0, 2), Token);
        var middle = await _payloads.PutAsync(whole.AsMemory(1, 3), Token);
        var none = await _payloads.PutAsync(ReadOnlyMemory<byte>.Empty, Token);
        Assert.Equal([1, 2], (await _payloads.FindAsync(front, Token))!);
        Assert.Equal([2, 3, 4], await _payloads.FindAsync(middle, Token));
        Assert.Empty((await _payloads.FindAsync(none, Token))!);
    }

    [Fact]
    public async Task Accept_TakenId_StoresNothing()
    {
        var first = await _store.AcceptAsync(Run("a"), new byte[] { 1 }, Token);
        Assert.Null(await _store.AcceptAsync(Run("a"), new byte[] { 2 }, Token));
        Assert.False(await _store.AddRunAsync(Run("a"), Token));
        Assert.Equal([1], await _payloads.FindAsync(first!.Payload, Token));
        Assert.Null(await _payloads.FindAsync("sqlite:1:2", Token));
    }

    [Fact]
    public async Task End_FiftyAtOnce_OneWins()
    {
        await _store.AcceptAsync(Run("a"), new byte[] { 1 }, Token);
        var ended = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            _store.EndRunAsync("a", i % 2 == 0 ? RunState.Completed : RunState.Failed, $"{i}", Noon.AddSeconds(i), Token).AsTask()));
        var winner = Array.IndexOf(ended, true);
        Assert.Single(ended, e => e);
        var run = await _store.FindRunAsync("a", Token);
        Assert.Equal(($"{winner}", Noon.AddSeconds(winner)), (run!.Result, run.Ended!.Value));
    }

    [Fact]
    public async Task End_UnknownRunOrNoFinalState_IsRefused()
    {
        Assert.False(await _store.EndRunAsync("nobody", RunState.Failed, null, Noon, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _store.EndRunAsync("a", RunState.Accepted, null, Noon, Token));
    }

    [Fact]
    public async Task Replace_TwentyWritersAtOnce_OneWinsEachRound()
    {
        string? version = null;
        for (var round = 0; round < 5; round++)
        {
            var (name, expected) = ($"{round}", version);
            var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
                _store.ReplaceDocumentAsync("plan", $"{name}-{i}", expected, Token).AsTask()));
            version = Assert.Single(written, w => w is not null);
            var read = await _store.ReadDocumentAsync("plan", Token);
            Assert.Equal(new StoredDocument($"{round}-{Array.IndexOf(written, version)}", version!), read);
        }
    }

    [Fact]
    public async Task Replace_VersionThatIsNotThePresentOne_WritesNothing()
    {
        Assert.Null(await _store.ReadDocumentAsync("plan", Token));
        Assert.Null(await _store.ReplaceDocumentAsync("plan", "a", "1", Token));
        await _store.PutDocumentAsync("plan", "b", Token);
        var first = await _store.ReadDocumentAsync("plan", Token);
        await _store.PutDocumentAsync("plan", "c", Token);
        Assert.Null(await _store.ReplaceDocumentAsync("plan", "d", first!.Version, Token));
        Assert.Null(await _store.ReplaceDocumentAsync("plan", "d", null, Token));
        Assert.Null(await _store.ReplaceDocumentAsync("plan", "d", "of another store", Token));
        Assert.Equal("c", await _store.FindDocumentAsync("plan", Token));
    }

    [Fact]
    public async Task Samples_BySeriesAndTime_InOrderAndPruned()
    {
        await _store.AddSampleAsync("demand", "b", Noon.AddSeconds(1), "1", Token);
        await _store.AddSampleAsync("demand", "a", Noon.AddSeconds(1.9), "2", Token);
        await _store.AddSampleAsync("demand", "a", Noon, "3", Token);
        await _store.AddSampleAsync("demand", "a", Noon.AddMilliseconds(400), "4", Token);
        await _store.AddSampleAsync("other", "a", Noon, "5", Token);
        StoredSample[] all = [new("a", Noon, "4"), new("a", Noon.AddSeconds(1), "2"), new("b", Noon.AddSeconds(1), "1")];
        Assert.Equal(all, await _store.SamplesAsync("demand", Noon, Token));
        Assert.Equal(all[1..], await _store.SamplesAsync("demand", Noon.AddMilliseconds(1), Token));
        await _store.PruneSamplesAsync("demand", Noon.AddSeconds(1), Token);
        Assert.Equal(all[1..], await _store.SamplesAsync("demand", DateTimeOffset.UnixEpoch, Token));
        Assert.Single(await _store.SamplesAsync("other", Noon, Token));
    }

    [Fact]
    public async Task Leases_ByPrefix_AreThoseThatHold()
    {
        var second = TimeSpan.FromSeconds(1);
        await _store.ClaimAsync("worker/cpu/2", "b", Noon, second, Token);
        await _store.ClaimAsync("worker/cpu/1", "a", Noon, 2 * second, Token);
        await _store.ClaimAsync("slot/1", "a", Noon, second, Token);
        PlaceLease[] both = [new("worker/cpu/1", "a", Noon + (2 * second)), new("worker/cpu/2", "b", Noon + second)];
        Assert.Equal(both, await _store.LeasesAsync("worker/", Noon, Token));
        Assert.Equal(both[..1], await _store.LeasesAsync("worker/", Noon + second, Token));
        await _store.ReleaseAsync("worker/cpu/1", "a", Token);
        Assert.Equal(["slot/1", "worker/cpu/2"], (await _store.LeasesAsync("", Noon, Token)).Select(l => l.Place));
    }

    [Fact]
    public async Task Delete_OnlyEndedRuns()
    {
        await _store.AddRunAsync(Run("a"), Token);
        Assert.False(await _store.DeleteRunAsync("a", Token));
        await _store.EndRunAsync("a", RunState.Cancelled, null, Noon, Token);
        Assert.True(await _store.DeleteRunAsync("a", Token));
        Assert.Null(await _store.FindRunAsync("a", Token));
        Assert.False(await _store.DeleteRunAsync("a", Token));
    }

    [Fact]
    public async Task List_ByPages_GivesEachRunOnceNewestFirst()
    {
        for (var i = 0; i < 25; i++)
        {
            await _store.AddRunAsync(Run($"r{i:00}"), Token);
            if (i % 2 == 0)
                await _store.EndRunAsync($"r{i:00}", RunState.Completed, "{}", Noon, Token);
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await _store.ListRunsAsync(10, after, null, Token);
            seen.AddRange(page.Runs.Select(r => r.Id));
            after = page.Next;
            // A run that comes in between must not shift the pages.
            await _store.AddRunAsync(Run($"new{seen.Count}"), Token);
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"r{i:00}"), seen);
        var ended = await _store.ListRunsAsync(13, null, RunState.Completed, Token);
        Assert.Equal((13, (string?)null), (ended.Runs.Count, ended.Next));
        Assert.All(ended.Runs, r => Assert.Equal(RunState.Completed, r.State));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1; DROP TABLE runs")]
    public async Task List_StrangeAfter_IsRefused(string after) =>
        await Assert.ThrowsAsync<FormatException>(async () => await _store.ListRunsAsync(10, after, null, Token));

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task List_SizeOutOfRange_IsRefused(int size) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _store.ListRunsAsync(size, null, null, Token));

    [Fact]
    public async Task Unfinished_OldestFirst()
    {
        foreach (var id in (string[])["c", "a", "b"])
            await _store.AddRunAsync(Run(id), Token);
        await _store.EndRunAsync("a", RunState.Completed, "{}", Noon, Token);
        Assert.Equal(["c", "b"], (await _store.UnfinishedRunsAsync(Token)).Select(r => r.Id));
        Assert.Equal((2, 1), (await _store.CountUnfinishedRunsAsync(9, Token), await _store.CountUnfinishedRunsAsync(1, Token)));
    }

    [Fact]
    public async Task Documents_AreReplaced()
    {
        Assert.Null(await _store.FindDocumentAsync("plan", Token));
        await _store.PutDocumentAsync("plan", "1", Token);
        await _store.PutDocumentAsync("plan", "2", Token);
        Assert.Equal("2", await _store.FindDocumentAsync("plan", Token));
    }

    [Fact]
    public async Task Claims_AreExclusiveUntilTheyLapse()
    {
        var ten = TimeSpan.FromSeconds(10);
        Assert.True(await _store.ClaimAsync("p", "one", Noon, ten, Token));
        Assert.False(await _store.ClaimAsync("p", "two", Noon.AddSeconds(9), ten, Token));
        Assert.True(await _store.ClaimAsync("p", "one", Noon.AddSeconds(9), ten, Token));
        Assert.False(await _store.ClaimAsync("p", "two", Noon.AddSeconds(12), ten, Token));
        Assert.True(await _store.ClaimAsync("p", "two", Noon.AddSeconds(19), ten, Token));
        await _store.ReleaseAsync("p", "one", Token);
        Assert.False(await _store.ClaimAsync("p", "three", Noon.AddSeconds(20), ten, Token));
        await _store.ReleaseAsync("p", "two", Token);
        Assert.True(await _store.ClaimAsync("p", "three", Noon.AddSeconds(20), ten, Token));
    }

    [Theory]
    [InlineData("other:1:5")]
    [InlineData("sqlite:1:")]
    [InlineData("sqlite:1:x")]
    public async Task Payload_ForeignToken_IsRefused(string token) =>
        await Assert.ThrowsAsync<FormatException>(async () => await _payloads.FindAsync(token, Token));

    internal static RunRecord Run(string id) => new()
    {
        Id = id, Pipeline = "traffic", State = RunState.Accepted, Payload = "", Parameters = "{}", Created = Noon,
    };
}
