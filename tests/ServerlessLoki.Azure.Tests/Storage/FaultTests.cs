using Azure;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Azure.Tests.Doubles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using System.Diagnostics.Metrics;
using System.Net;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class FaultTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);
    private readonly Faults _faults = new();
    private StoreUnderTest _it = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _it = await CreateAsync(azurite, _faults.Transport());
        // Makes the tables, so that faults hit the calls that they are meant for.
        await _it.Store.FindDocumentAsync("x", Token);
        await _it.Store.FindRunAsync("x", Token);
        await _it.Store.LeasesAsync("", Noon, Token);
        await _it.Store.SamplesAsync("x", Noon, Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Busy_ForAWhile_IsOutlasted()
    {
        foreach (var (method, path) in ((HttpMethod, string)[])
                 [(HttpMethod.Get, ""), (HttpMethod.Post, "$batch"), (HttpMethod.Post, "Documents"), (HttpMethod.Put, "Documents"), (HttpMethod.Put, "Samples"), (HttpMethod.Post, "Leases")])
            _faults.Refuse(method, path, HttpStatusCode.ServiceUnavailable, "ServerBusy", times: 3);

        Assert.NotNull(await _it.Store.AcceptAsync(Run("a"), new byte[] { 1 }, Token));
        Assert.True(await _it.Store.EndRunAsync("a", RunState.Completed, "{}", Noon, Token));
        var version = await _it.Store.ReplaceDocumentAsync("plan", "1", null, Token);
        Assert.NotNull(await _it.Store.ReplaceDocumentAsync("plan", "2", version, Token));
        await _it.Store.AddSampleAsync("demand", "a", Noon, "1", Token);
        Assert.Single(await _it.Store.SamplesAsync("demand", Noon, Token));
        Assert.True(await _it.Store.ClaimAsync("p", "one", Noon, Ten, Token));
    }

    [Fact]
    public async Task Busy_WithRetryAfter_IsWaitedFor()
    {
        var start = TimeProvider.System.GetTimestamp();
        _faults.Refuse(HttpMethod.Get, "Documents", HttpStatusCode.ServiceUnavailable, "ServerBusy", retryAfter: TimeSpan.FromSeconds(1));
        Assert.Null(await _it.Store.FindDocumentAsync("plan", Token));
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromSeconds(0.9));
    }

    [Fact]
    public async Task Busy_ForGood_IsThrownAfterTheTries()
    {
        _faults.Refuse(HttpMethod.Get, "Documents", HttpStatusCode.ServiceUnavailable, "ServerBusy", times: 100);
        var before = _faults.Requests;
        var e = await Assert.ThrowsAsync<RequestFailedException>(async () => await _it.Store.FindDocumentAsync("plan", Token));
        Assert.Equal((503, "ServerBusy", 6), (e.Status, e.ErrorCode, _faults.Requests - before));
    }

    [Fact]
    public async Task Conflict_BetweenReadAndWrite_LosesAndWritesNothing()
    {
        var version = await _it.Store.ReplaceDocumentAsync("plan", "1", null, Token);
        _faults.Refuse(HttpMethod.Put, "Documents", HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied");
        Assert.Null(await _it.Store.ReplaceDocumentAsync("plan", new string('x', 50_000), version, Token));
        Assert.Equal(new StoredDocument("1", version!), await _it.Store.ReadDocumentAsync("plan", Token));
        Assert.Equal(0, await _it.BlobsAsync(_it.Account.Options.StateContainer));
    }

    [Fact]
    public async Task Conflict_OfAHeartbeat_IsLookedInto()
    {
        Assert.True(await _it.Store.ClaimAsync("p", "one", Noon, Ten, Token));
        _faults.Refuse(HttpMethod.Put, "Leases", HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied");
        Assert.True(await _it.Store.ClaimAsync("p", "one", Noon.AddSeconds(1), Ten, Token));
        Assert.Equal(Noon.AddSeconds(11), Assert.Single(await _it.Store.LeasesAsync("", Noon, Token)).Expires);
    }

    [Fact]
    public async Task LostAnswers_AreNotTakenForAnotherWriter()
    {
        _faults.LoseAnswer(HttpMethod.Post, "$batch");
        Assert.True(await _it.Store.AddRunAsync(Run("a"), Token));
        Assert.False(await _it.Store.AddRunAsync(Run("a"), Token));
        _faults.LoseAnswer(HttpMethod.Post, "$batch");
        Assert.True(await _it.Store.EndRunAsync("a", RunState.Completed, new string('r', 40_000), Noon, Token));
        Assert.Equal(40_000, (await _it.Store.FindRunAsync("a", Token))!.Result!.Length);

        _faults.LoseAnswer(HttpMethod.Post, "Documents");
        var first = await _it.Store.ReplaceDocumentAsync("plan", "1", null, Token);
        Assert.NotNull(first);
        _faults.LoseAnswer(HttpMethod.Put, "Documents");
        var second = await _it.Store.ReplaceDocumentAsync("plan", "2", first, Token);
        Assert.Equal(new StoredDocument("2", second!), await _it.Store.ReadDocumentAsync("plan", Token));

        _faults.LoseAnswer(HttpMethod.Post, "Leases");
        Assert.True(await _it.Store.ClaimAsync("p", "one", Noon, Ten, Token));
        _faults.LoseAnswer(HttpMethod.Put, "Leases");
        Assert.True(await _it.Store.ClaimAsync("p", "one", Noon.AddSeconds(1), Ten, Token));
        _faults.LoseAnswer(HttpMethod.Delete, "Leases");
        await _it.Store.ReleaseAsync("p", "one", Token);
        Assert.Empty(await _it.Store.LeasesAsync("", Noon, Token));
    }

    [Fact]
    public async Task Payloads_BusyOrLostAnswers_AreStoredOnce()
    {
        _faults.Refuse(HttpMethod.Put, _it.Account.Options.PayloadContainer, HttpStatusCode.ServiceUnavailable, "ServerBusy", times: 4);
        _faults.LoseAnswer(HttpMethod.Put, _it.Account.Options.PayloadContainer + "/2026");
        var token = await _it.Payloads.PutAsync(new byte[] { 1, 2 }, Token);
        _faults.Refuse(HttpMethod.Get, _it.Account.Options.PayloadContainer, HttpStatusCode.ServiceUnavailable, "ServerBusy");
        Assert.Equal([1, 2], await _it.Payloads.FindAsync(token, Token));
        Assert.Equal(1, await _it.BlobsAsync(_it.Account.Options.PayloadContainer));
        _faults.LoseAnswer(HttpMethod.Delete, _it.Account.Options.PayloadContainer);
        await _it.Payloads.DeleteAsync(token, Token);
        Assert.Null(await _it.Payloads.FindAsync(token, Token));
    }

    [Fact]
    public async Task Prune_OfWhatAnotherPruned_DeletesTheRest()
    {
        for (var second = 0; second < 5; second++)
            await _it.Store.AddSampleAsync("demand", "a", Noon.AddSeconds(second), "1", Token);
        _faults.Refuse(HttpMethod.Post, "$batch", HttpStatusCode.NotFound, "ResourceNotFound");
        await _it.Store.PruneSamplesAsync("demand", Noon.AddSeconds(4), Token);
        Assert.Equal(Noon.AddSeconds(4), Assert.Single(await _it.Store.SamplesAsync("demand", Noon, Token)).Second);
    }

    [Fact]
    public async Task ServiceThatNeverAnswers_EndsByTheLimit()
    {
        var it = await CreateAsync(azurite, _faults.Transport(), new StorageOptions { TableTimeout = TimeSpan.FromSeconds(0.5) });
        _faults.Hang(HttpMethod.Post, "Tables", times: 100);
        var e = await Assert.ThrowsAsync<TimeoutException>(async () => await it.Store.FindDocumentAsync("plan", Token));
        Assert.Equal("document.find took longer than 0.5 s.", e.Message);
    }

    [Fact]
    public async Task Caller_WhoGivesUp_IsToldSo()
    {
        _faults.Hang(HttpMethod.Get, "Documents", times: 1);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _it.Store.FindDocumentAsync("plan", stop.Token));
    }

    [Fact]
    public async Task Tables_ThatWereDeleted_AreMadeAgain()
    {
        await _it.Store.PutDocumentAsync("plan", "1", Token);
        await _it.Account.Tables.DeleteTableAsync(_it.Account.Options.TablePrefix + "Documents", Token);
        await _it.Store.PutDocumentAsync("plan", "2", Token);
        Assert.Equal("2", await _it.Store.FindDocumentAsync("plan", Token));
    }

    [Fact]
    public async Task Calls_AndTries_AreMeasured()
    {
        var seen = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (i, l) => { if (i.Meter.Name == AzureTelemetry.Name) l.EnableMeasurementEvents(i); } };
        listener.SetMeasurementEventCallback<double>((i, _, tags, _) => Note(i, tags));
        listener.SetMeasurementEventCallback<long>((i, _, tags, _) => Note(i, tags));
        listener.Start();
        _faults.Refuse(HttpMethod.Get, "Documents", HttpStatusCode.ServiceUnavailable, "ServerBusy");

        await _it.Store.FindDocumentAsync("plan", Token);

        lock (seen)
        {
            Assert.Contains("loki.azure.tries service=tables status=503", seen);
            Assert.Contains("loki.azure.call.duration operation=document.find outcome=ok", seen);
        }

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = instrument.Name;
            foreach (var (name, value) in tags)
                text += $" {name}={value}";
            lock (seen)
                seen.Add(text);
        }
    }
}
