using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Nats.Tests.Messaging.QueuesUnderTest;

namespace ServerlessLoki.Nats.Tests.Storage;

/// <summary>Durable runs of several processes on one store: each is executed by one, and by another when that is gone.</summary>
public sealed class SharedRunsTests(NatsFixture nats) : IAsyncLifetime
{
    private const string Body = """{"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","data":[1,2,3]}]}""";
    private readonly List<IAsyncDisposable> _open = [];
    private NatsOptions _options = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _options = new NatsOptions
    {
        Url = await nats.UrlAsync(), Prefix = NatsFixture.UniquePrefix(), CallTimeout = TimeSpan.FromSeconds(2), TryTimeout = TimeSpan.FromSeconds(1),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
    }

    [Fact]
    public async Task Run_OfTwoProcesses_IsExecutedByOne()
    {
        var executed = 0;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async ValueTask<QueryResult> AnswerAsync(QueryRequest request, CancellationToken stop)
        {
            Interlocked.Increment(ref executed);
            await gate.Task.WaitAsync(stop);
            return FakeEngine.TwoCars(request);
        }

        var (first, second) = (await StartAsync("one", AnswerAsync), await StartAsync("two", AnswerAsync));
        var run = await AcceptAsync(first);
        // Longer than a lease: it is renewed, so the other leaves it alone.
        await Task.Delay(TimeSpan.FromSeconds(4), Token);
        gate.SetResult();
        await EndedAsync(second, run, RunState.Completed);
        Assert.Equal(1, executed);
    }

    [Fact]
    public async Task Run_ProcessIsCutOff_IsTakenUpByAnotherAndEndsOnce()
    {
        var cutOff = new NatsLink(_options, "cut-off", NullLoggerFactory.Instance);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await StartAsync("one", async (_, stop) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            throw new InvalidOperationException("Unreachable.");
        }, cutOff);
        var run = await AcceptAsync(first);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        // As if it had been killed: nothing of it reaches the server any more.
        await cutOff.DisposeAsync();

        var second = await StartAsync("two", (request, _) => ValueTask.FromResult(FakeEngine.TwoCars(request)));
        await EndedAsync(second, run, RunState.Completed);
    }

    [Fact]
    public async Task Run_WithoutAnswer_BeginsAgain()
    {
        var attempts = 0;
        var runs = await StartAsync("one", async (request, stop) =>
        {
            if (Interlocked.Increment(ref attempts) == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            return FakeEngine.TwoCars(request);
        }, attempt: TimeSpan.FromMilliseconds(500));
        await EndedAsync(runs, await AcceptAsync(runs), RunState.Completed);
        Assert.InRange(attempts, 2, int.MaxValue);
    }

    [Fact]
    public async Task Cancel_ByAnotherProcess_Holds()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (first, second) = (
            await StartAsync("one", async (request, stop) =>
            {
                begun.TrySetResult();
                await gate.Task.WaitAsync(stop);
                return FakeEngine.TwoCars(request);
            }),
            await StartAsync("two", (_, _) => throw new InvalidOperationException("It is the other's.")));
        var run = await AcceptAsync(first);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.True(await second.CancelAsync(run, Token));
        gate.SetResult();
        await Eventually(() => first.Backlog == 0, "the first has done with it");
        await EndedAsync(second, run, RunState.Cancelled);
    }

    private static async Task<string> AcceptAsync(RunService runs) => (await runs.AcceptAsync(
        TestPipelines.Traffic, InferHeaders.Read("application/json", null, null), PooledBytes.CopyOf(System.Text.Encoding.UTF8.GetBytes(Body)), Token)).Id;

    private static Task EndedAsync(RunService runs, string id, RunState state) =>
        Eventually(async () => (await runs.FindAsync(id, Token))?.State == state, $"the run is {state}");

    private async Task<RunService> StartAsync(string owner, Func<QueryRequest, CancellationToken, ValueTask<QueryResult>> answer, NatsLink? link = null, TimeSpan? attempt = null)
    {
        link ??= new NatsLink(_options, owner, NullLoggerFactory.Instance);
        _open.Add(link);
        var payloads = new NatsPayloadStore(link);
        var state = new NatsStateStore(link, payloads);
        var runs = new RunService(
            new FakeEngine { Answer = answer }, state, state, payloads, state, new InferLimits(),
            new RunOptions { Owner = owner, Lease = TimeSpan.FromSeconds(2), Attempt = attempt, FirstBackOff = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System, NullLoggerFactory.Instance);
        _open.Add(runs);
        await runs.StartAsync(Token);
        return runs;
    }
}
