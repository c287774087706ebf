using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Durable runs at work: tried until served, given up for good reasons only, ended once.</summary>
public sealed class RunExecutionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Execute_RefusedForLoad_IsTriedUntilServed()
    {
        await using var host = await RunHost.StartAsync();
        var calls = 0;
        host.Engine.Answer = (r, _) => ValueTask.FromResult(Interlocked.Increment(ref calls) <= 8
            ? new QueryResult { Id = "1", Outcome = calls % 2 == 0 ? QueryOutcome.Rejected : QueryOutcome.Unavailable, RetryAfter = TimeSpan.FromMilliseconds(1) }
            : FakeEngine.TwoCars(r));
        Assert.Equal(RunState.Completed, (await host.EndedAsync(await host.CreateAsync())).State);
        Assert.Equal(9, calls);
    }

    [Fact]
    public async Task Execute_ModelFails_GivesUpAfterFiveAttempts()
    {
        await using var host = await RunHost.StartAsync();
        var calls = 0;
        host.Engine.Answer = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            return ValueTask.FromResult(new QueryResult { Id = "1", Outcome = QueryOutcome.Failed, Error = "Model detect-n broke." });
        };
        var id = await host.CreateAsync();
        Assert.Equal(RunState.Failed, (await host.EndedAsync(id)).State);
        Assert.Equal(5, calls);
        using var response = await host.Client.GetPathAsync("/runs/" + id);
        var json = await response.JsonAsync();
        Assert.Equal(("Model detect-n broke.", "failed"), (json.GetProperty("error").GetString(), json.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Create_DiskFull_Is503WithRetryAfterAndSaidInStatus()
    {
        await using var host = await RunHost.StartAsync();
        var id = await host.CreateAsync();
        await host.EndedAsync(id);
        await LimitAsync(host, 1);
        var big = RunHost.Body.Replace("\"mine\"", $"\"{new string('x', 200)}\"", StringComparison.Ordinal);
        var refused = 0;
        while (refused == 0)
        {
            using var response = await host.Client.PostJsonAsync("/runs?pipeline=traffic", big);
            if ((int)response.StatusCode == 202)
                continue;
            refused++;
            Assert.Equal(503, (int)response.StatusCode);
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
            Assert.Equal("The store of runs cannot be written: the disk is full.", (await response.JsonAsync()).GetProperty("error").GetString());
        }

        using (var status = await host.Client.GetPathAsync("/status"))
            Assert.Equal("The store of runs cannot be written: the disk is full.", (await status.JsonAsync()).GetProperty("store_fault").GetString());
        await LimitAsync(host, 1 << 30);
        Assert.Equal(RunState.Completed, (await host.EndedAsync(await host.CreateAsync(big))).State);
        using (var status = await host.Client.GetPathAsync("/status"))
            Assert.Equal(System.Text.Json.JsonValueKind.Null, (await status.JsonAsync()).GetProperty("store_fault").ValueKind);
    }

    [Fact]
    public async Task Runs_EndedAWeekAgo_AreGone()
    {
        var time = new FakeTimeProvider();
        await using var host = await RunHost.StartAsync();
        await host.Runs.DisposeAsync();
        await host.StartRunsAsync(time: time);
        var id = await host.CreateAsync();
        await host.EndedAsync(id);

        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(2));
        await Task.Delay(20, Token);
        Assert.NotNull(await host.Store.FindRunAsync(id, Token));
        while (await host.Store.FindRunAsync(id, Token) is not null)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(5, Token);
        }
    }

    private static async Task LimitAsync(RunHost host, int pages) => await host.Database.WriteAsync(
        c =>
        {
            SqliteDatabase.Execute(c, $"PRAGMA max_page_count = {pages}");
            return 0;
        },
        Token);

    [Fact]
    public async Task Execute_InputCannotBeDeleted_RunsOnceOnly()
    {
        await using var host = await RunHost.StartAsync();
        await host.Runs.DisposeAsync();
        var payloads = new KeepingPayloads(host.Payloads);
        await host.StartRunsAsync(payloads);
        var calls = 0;
        host.Engine.Answer = (r, _) =>
        {
            Interlocked.Increment(ref calls);
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        Assert.Equal(RunState.Completed, (await host.EndedAsync(await host.CreateAsync())).State);
        await payloads.Asked.Task.WaitAsync(Token);
        // Ten times the longest back-off: a repetition would have come.
        await Task.Delay(50, Token);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Execute_Retries_AreToldFromNewRuns()
    {
        await using var host = await RunHost.StartAsync();
        var seen = new List<bool>();
        host.Engine.Answer = (r, _) =>
        {
            seen.Add(r.IsRetry);
            return ValueTask.FromResult(seen.Count < 3 ? new QueryResult { Id = "1", Outcome = QueryOutcome.Rejected } : FakeEngine.TwoCars(r));
        };
        await host.EndedAsync(await host.CreateAsync());
        Assert.Equal([false, true, true], seen);
    }

    [Fact]
    public async Task Execute_EngineThrows_IsTriedAgain()
    {
        await using var host = await RunHost.StartAsync();
        var calls = 0;
        host.Engine.Answer = (r, _) => Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException() : ValueTask.FromResult(FakeEngine.TwoCars(r));
        Assert.Equal(RunState.Completed, (await host.EndedAsync(await host.CreateAsync())).State);
    }

    [Fact]
    public async Task Execute_OwnDeadline_CountsFromAcceptance()
    {
        await using var host = await RunHost.StartAsync();
        host.Engine.Answer = (r, _) => ValueTask.FromResult(new QueryResult { Id = "1", Outcome = QueryOutcome.Rejected });
        var id = await host.CreateAsync(RunHost.Body.Replace("{\"id\"", "{\"parameters\":{\"latency_ms\":50},\"id\"", StringComparison.Ordinal));
        var run = await host.EndedAsync(id);
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("\"expired\"", run.Result, StringComparison.Ordinal);
        // On a slow machine it may be over before the first attempt.
        Assert.True(host.Engine.LastQuery is not { } asked || (asked.Latency == TimeSpan.FromMilliseconds(50) && asked.Waited > TimeSpan.Zero));
    }

    [Fact]
    public async Task Execute_EngineNotReady_Waits()
    {
        await using var host = await RunHost.StartAsync();
        host.Engine.IsReady = false;
        host.Engine.Answer = (r, _) =>
        {
            Assert.True(host.Engine.IsReady);
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        var id = await host.CreateAsync();
        Assert.Equal(RunState.Accepted, (await host.Store.FindRunAsync(id, Token))!.State);
        host.Engine.IsReady = true;
        Assert.Equal(RunState.Completed, (await host.EndedAsync(id)).State);
    }

    [Fact]
    public async Task Execute_ManyAtOnce_StaysWithinItsConcurrency()
    {
        await using var host = await RunHost.StartAsync();
        var (now, most) = (0, 0);
        host.Engine.Answer = async (r, _) =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            await Task.Yield();
            Interlocked.Decrement(ref now);
            return FakeEngine.TwoCars(r);
        };
        var ids = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => host.CreateAsync()));
        foreach (var id in ids)
            Assert.Equal(RunState.Completed, (await host.EndedAsync(id)).State);
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public async Task Complete_AfterCancel_KeepsTheFirstEnd()
    {
        await using var host = await RunHost.StartAsync();
        var go = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        host.Engine.Answer = async (r, _) =>
        {
            started.TrySetResult();
            await go.Task;
            return FakeEngine.TwoCars(r);
        };
        var id = await host.CreateAsync();
        await started.Task.WaitAsync(Token);
        using var delete = await host.DeleteAsync(id);
        go.SetResult();
        await host.Runs.DisposeAsync();
        Assert.Equal(RunState.Cancelled, (await host.Store.FindRunAsync(id, Token))!.State);
    }

    [Fact]
    public async Task Start_RunsOfAnEarlierProcess_AreTakenUp()
    {
        await using var host = await RunHost.StartAsync();
        host.Engine.Answer = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };
        var ids = new List<string>();
        for (var i = 0; i < 30; i++)
            ids.Add(await host.CreateAsync());
        await host.Runs.DisposeAsync();
        Assert.Equal(30, (await host.Store.UnfinishedRunsAsync(Token)).Count);
        host.Engine.Answer = (r, _) => ValueTask.FromResult(FakeEngine.TwoCars(r));
        await host.StartRunsAsync();
        foreach (var id in ids)
            Assert.Equal(RunState.Completed, (await host.EndedAsync(id)).State);
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
