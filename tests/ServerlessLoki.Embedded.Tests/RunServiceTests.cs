using ServerlessLoki.Serving.Api;
using ServerlessLoki.Serving.Api.Runs;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Tests.Api;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Durable runs over HTTP, on the real store and an engine that answers what the test says.</summary>
public sealed class RunServiceTests : IAsyncLifetime
{
    private const string Body = """{"id":"mine","inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","data":[1,2,3]}]}""";
    private readonly TempDirectory _directory = new();
    private SqliteDatabase _database = null!;
    private SqliteStateStore _store = null!;
    private ApiHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = SqliteDatabase.Open(_directory.Path);
        _store = new SqliteStateStore(_database);
        _host = await ApiHost.StartAsync();
        _host.Context.Runs = await StartAsync(_host.Engine);
    }

    public async ValueTask DisposeAsync()
    {
        await ((RunService)_host.Context.Runs!).DisposeAsync();
        await _host.DisposeAsync();
        _database.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Create_GoodBody_IsAcceptedThenCompletedWithItsResult()
    {
        var id = await CreateAsync(Body);
        var run = await EndedAsync(id);
        Assert.Equal((RunState.Completed, true), (run.State, run.Ended >= run.Created));
        Assert.True(_host.Engine.LastQuery!.IgnoreSlo);
        Assert.Null(_host.Engine.LastQuery.Latency);
        using var response = await _host.Client.GetPathAsync("/runs/" + id);
        var json = await response.JsonAsync();
        Assert.Equal("completed", json.GetProperty("state").GetString());
        Assert.Equal("mine", json.GetProperty("result").GetProperty("id").GetString());
        Assert.Equal("car,person", json.GetProperty("result").GetProperty("outputs")[0].GetProperty("parameters").GetProperty("labels").GetString());
        // The input is not kept longer than the run needs it.
        Assert.Null(await new SqlitePayloadStore(_database).FindAsync(run.Payload, Token));
    }

    [Fact]
    public async Task Create_BinaryAndPng_AreReadAgainWhenExecuted()
    {
        var seen = new List<byte[]>();
        _host.Engine.Answer = (r, _) =>
        {
            lock (seen)
                seen.Add(((ImageInput)r.Input).Image.Pixels.ToArray());
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        using var binary = await _host.Client.PostBinaryAsync(
            "/runs?pipeline=traffic",
            """{"parameters":{"binary_data_output":true},"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","parameters":{"binary_data_size":3}}]}""", [9, 8, 7]);
        using var png = await _host.Client.PostBytesAsync(
            "/runs?pipeline=traffic", Serving.Imaging.PngCodec.Encode(Serving.Imaging.RgbImage.Over(1, 1, [9, 8, 7])), null, "image/png");
        foreach (var response in (HttpResponseMessage[])[binary, png])
        {
            Assert.Equal(202, (int)response.StatusCode);
            Assert.Equal(RunState.Completed, (await EndedAsync((await response.JsonAsync()).GetProperty("id").GetString()!)).State);
        }

        Assert.Equal([[9, 8, 7], [9, 8, 7]], seen);
    }

    [Fact]
    public async Task Create_UnusableBody_IsRefusedAndNotStored()
    {
        using var bad = await _host.Client.PostJsonAsync("/runs?pipeline=traffic", "{}");
        await bad.ErrorAsync(400, "bad_request");
        using var png = await _host.Client.PostBytesAsync("/runs?pipeline=traffic", [1], null, "image/png");
        await png.ErrorAsync(400, "bad_request");
        using var unnamed = await _host.Client.PostJsonAsync("/runs", Body);
        await unnamed.ErrorAsync(400, "bad_request");
        using var unknown = await _host.Client.PostJsonAsync("/runs?pipeline=nobody", Body);
        await unknown.ErrorAsync(404, "not_found");
        Assert.Empty((await _store.ListRunsAsync(10, null, null, Token)).Runs);
    }

    [Fact]
    public async Task Execute_RefusedForLoad_IsTriedUntilServed()
    {
        var calls = 0;
        _host.Engine.Answer = (r, _) => ValueTask.FromResult(Interlocked.Increment(ref calls) <= 8
            ? new QueryResult { Id = "1", Outcome = calls % 2 == 0 ? QueryOutcome.Rejected : QueryOutcome.Unavailable, RetryAfter = TimeSpan.FromMilliseconds(1) }
            : FakeEngine.TwoCars(r));
        Assert.Equal(RunState.Completed, (await EndedAsync(await CreateAsync(Body))).State);
        Assert.Equal(9, calls);
    }

    [Fact]
    public async Task Execute_ModelFails_GivesUpAfterFiveAttempts()
    {
        var calls = 0;
        _host.Engine.Answer = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            return ValueTask.FromResult(new QueryResult { Id = "1", Outcome = QueryOutcome.Failed, Error = "Model detect-n broke." });
        };
        var id = await CreateAsync(Body);
        Assert.Equal(RunState.Failed, (await EndedAsync(id)).State);
        Assert.Equal(5, calls);
        using var response = await _host.Client.GetPathAsync("/runs/" + id);
        var json = await response.JsonAsync();
        Assert.Equal(("Model detect-n broke.", "failed"), (json.GetProperty("error").GetString(), json.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Execute_InputCannotBeDeleted_RunsOnceOnly()
    {
        await ((RunService)_host.Context.Runs!).DisposeAsync();
        var payloads = new KeepingPayloads(new SqlitePayloadStore(_database));
        _host.Context.Runs = await StartAsync(_host.Engine, payloads);
        var calls = 0;
        _host.Engine.Answer = (r, _) =>
        {
            Interlocked.Increment(ref calls);
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        Assert.Equal(RunState.Completed, (await EndedAsync(await CreateAsync(Body))).State);
        await payloads.Asked.Task.WaitAsync(Token);
        // Ten times the longest back-off: a repetition would have come.
        await Task.Delay(50, Token);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Execute_Retries_AreToldFromNewRuns()
    {
        var seen = new List<bool>();
        _host.Engine.Answer = (r, _) =>
        {
            seen.Add(r.IsRetry);
            return ValueTask.FromResult(seen.Count < 3 ? new QueryResult { Id = "1", Outcome = QueryOutcome.Rejected } : FakeEngine.TwoCars(r));
        };
        await EndedAsync(await CreateAsync(Body));
        Assert.Equal([false, true, true], seen);
    }

    [Fact]
    public async Task Execute_EngineThrows_IsTriedAgain()
    {
        var calls = 0;
        _host.Engine.Answer = (r, _) => Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException() : ValueTask.FromResult(FakeEngine.TwoCars(r));
        Assert.Equal(RunState.Completed, (await EndedAsync(await CreateAsync(Body))).State);
    }

    [Fact]
    public async Task Execute_OwnDeadline_CountsFromAcceptance()
    {
        _host.Engine.Answer = (r, _) => ValueTask.FromResult(new QueryResult { Id = "1", Outcome = QueryOutcome.Rejected });
        var id = await CreateAsync(Body.Replace("{\"id\"", "{\"parameters\":{\"latency_ms\":50},\"id\"", StringComparison.Ordinal));
        var run = await EndedAsync(id);
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("\"expired\"", run.Result, StringComparison.Ordinal);
        // On a slow machine it may be over before the first attempt.
        Assert.True(_host.Engine.LastQuery is not { } asked || (asked.Latency == TimeSpan.FromMilliseconds(50) && asked.Waited > TimeSpan.Zero));
    }

    [Fact]
    public async Task Delete_Running_CancelsItAndThenRemovesIt()
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        _host.Engine.Answer = async (request, token) =>
        {
            started.TrySetResult();
            await using var registration = token.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
            return new QueryResult { Id = request.Id!, Outcome = QueryOutcome.Cancelled };
        };
        var id = await CreateAsync(Body);
        await started.Task.WaitAsync(Token);
        using var first = await _host.Client.DeleteAsync(new Uri("/runs/" + id, UriKind.Relative), Token);
        Assert.Equal("cancelled", (await first.JsonAsync()).GetProperty("state").GetString());
        await cancelled.Task.WaitAsync(Token);
        using var second = await _host.Client.DeleteAsync(new Uri("/runs/" + id, UriKind.Relative), Token);
        Assert.Equal(204, (int)second.StatusCode);
        using var third = await _host.Client.DeleteAsync(new Uri("/runs/" + id, UriKind.Relative), Token);
        await third.ErrorAsync(404, "not_found");
        Assert.Equal(0, _host.Context.Runs!.Backlog);
    }

    [Fact]
    public async Task Complete_AfterCancel_KeepsTheFirstEnd()
    {
        var go = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        _host.Engine.Answer = async (r, _) =>
        {
            started.TrySetResult();
            await go.Task;
            return FakeEngine.TwoCars(r);
        };
        var id = await CreateAsync(Body);
        await started.Task.WaitAsync(Token);
        using var delete = await _host.Client.DeleteAsync(new Uri("/runs/" + id, UriKind.Relative), Token);
        go.SetResult();
        await ((RunService)_host.Context.Runs!).DisposeAsync();
        Assert.Equal(RunState.Cancelled, (await _store.FindRunAsync(id, Token))!.State);
    }

    [Fact]
    public async Task Start_RunsOfAnEarlierProcess_AreTakenUp()
    {
        _host.Engine.Answer = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };
        var ids = new List<string>();
        for (var i = 0; i < 30; i++)
            ids.Add(await CreateAsync(Body));
        await ((RunService)_host.Context.Runs!).DisposeAsync();
        Assert.Equal(30, (await _store.UnfinishedRunsAsync(Token)).Count);
        _host.Engine.Answer = (r, _) => ValueTask.FromResult(FakeEngine.TwoCars(r));
        _host.Context.Runs = await StartAsync(_host.Engine);
        foreach (var id in ids)
            Assert.Equal(RunState.Completed, (await EndedAsync(id)).State);
    }

    [Fact]
    public async Task Execute_EngineNotReady_Waits()
    {
        _host.Engine.IsReady = false;
        _host.Engine.Answer = (r, _) =>
        {
            Assert.True(_host.Engine.IsReady);
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        var id = await CreateAsync(Body);
        Assert.Equal(RunState.Accepted, (await _store.FindRunAsync(id, Token))!.State);
        _host.Engine.IsReady = true;
        Assert.Equal(RunState.Completed, (await EndedAsync(id)).State);
    }

    [Fact]
    public async Task Execute_ManyAtOnce_StaysWithinItsConcurrency()
    {
        var (now, most) = (0, 0);
        _host.Engine.Answer = async (r, _) =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            await Task.Yield();
            Interlocked.Decrement(ref now);
            return FakeEngine.TwoCars(r);
        };
        var ids = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => CreateAsync(Body)));
        foreach (var id in ids)
            Assert.Equal(RunState.Completed, (await EndedAsync(id)).State);
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public async Task List_Pages_LinkToTheNext()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await CreateAsync(Body));
        var path = "/runs?size=2";
        var seen = new List<string>();
        while (path is not null)
        {
            using var response = await _host.Client.GetPathAsync(path);
            var json = await response.JsonAsync();
            seen.AddRange(json.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
            path = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(ids.AsEnumerable().Reverse(), seen);
        foreach (var id in ids)
            await EndedAsync(id);
        using var done = await _host.Client.GetPathAsync("/runs?state=completed&size=1000");
        Assert.Equal(5, (await done.JsonAsync()).GetProperty("runs").GetArrayLength());
        foreach (var bad in (string[])["size=0", "size=1001", "size=x", "state=gone", "after=x"])
        {
            using var response = await _host.Client.GetPathAsync("/runs?" + bad);
            await response.ErrorAsync(400, "bad_request");
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    private async Task<RunService> StartAsync(FakeEngine engine, IPayloadStore? payloads = null)
    {
        var runs = new RunService(
            engine, _store, _store, payloads ?? new SqlitePayloadStore(_database), new InferLimits(),
            new RunOptions { Concurrency = 4, FirstBackOff = TimeSpan.FromMilliseconds(1), MaxBackOff = TimeSpan.FromMilliseconds(5) },
            TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await runs.StartAsync(Token);
        return runs;
    }

    private async Task<string> CreateAsync(string body)
    {
        using var response = await _host.Client.PostJsonAsync("/runs?pipeline=traffic", body);
        var json = await response.JsonAsync();
        Assert.Equal(202, (int)response.StatusCode);
        var id = json.GetProperty("id").GetString()!;
        Assert.Equal("/runs/" + id, response.Headers.Location!.OriginalString);
        return id;
    }

    private async Task<RunRecord> EndedAsync(string id)
    {
        while (true)
        {
            var run = await _store.FindRunAsync(id, Token);
            if (run!.State != RunState.Accepted)
                return run;
            await Task.Delay(2, Token);
        }
    }

    /// <summary>Deletes nothing, and throws.</summary>
    private sealed class KeepingPayloads(IPayloadStore store) : IPayloadStore
    {
        public TaskCompletionSource Asked { get; } = new();

        public ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => store.PutAsync(payload, cancellationToken);

        public ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken) => store.FindAsync(token, cancellationToken);

        public ValueTask DeleteAsync(string token, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            throw new IOException("The disk is read-only.");
        }
    }
}
