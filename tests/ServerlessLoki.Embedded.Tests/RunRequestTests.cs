using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Durable runs as callers see them: accepted, looked up, listed, deleted.</summary>
public sealed class RunRequestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_GoodBody_IsAcceptedThenCompletedWithItsResult()
    {
        await using var host = await RunHost.StartAsync();
        var id = await host.CreateAsync();
        var run = await host.EndedAsync(id);
        Assert.Equal((RunState.Completed, true), (run.State, run.Ended >= run.Created));
        Assert.True(host.Engine.LastQuery!.IgnoreSlo);
        Assert.Null(host.Engine.LastQuery.Latency);
        using var response = await host.Client.GetPathAsync("/runs/" + id);
        var json = await response.JsonAsync();
        Assert.Equal("completed", json.GetProperty("state").GetString());
        Assert.Equal("mine", json.GetProperty("result").GetProperty("id").GetString());
        Assert.Equal("car,person", json.GetProperty("result").GetProperty("outputs")[0].GetProperty("parameters").GetProperty("labels").GetString());
        // The input is not kept longer than the run needs it.
        for (var since = System.Diagnostics.Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromSeconds(60) && await host.Payloads.FindAsync(run.Payload, Token) is not null;)
            await Task.Delay(10, Token);
        Assert.Null(await host.Payloads.FindAsync(run.Payload, Token));
    }

    [Fact]
    public async Task Create_BinaryAndPng_AreReadAgainWhenExecuted()
    {
        await using var host = await RunHost.StartAsync();
        var seen = new List<byte[]>();
        host.Engine.Answer = (r, _) =>
        {
            lock (seen)
                seen.Add(((ImageInput)r.Input).Image.Pixels.ToArray());
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        using var binary = await host.Client.PostBinaryAsync(
            "/runs?pipeline=traffic",
            """{"parameters":{"binary_data_output":true},"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","parameters":{"binary_data_size":3}}]}""", [9, 8, 7]);
        using var png = await host.Client.PostBytesAsync(
            "/runs?pipeline=traffic", Serving.Imaging.PictureCodec.EncodePng(Serving.Imaging.RgbImage.Over(1, 1, [9, 8, 7])), null, "image/png");
        foreach (var response in (HttpResponseMessage[])[binary, png])
        {
            Assert.Equal(202, (int)response.StatusCode);
            Assert.Equal(RunState.Completed, (await host.EndedAsync((await response.JsonAsync()).GetProperty("id").GetString()!)).State);
        }

        Assert.Equal([[9, 8, 7], [9, 8, 7]], seen);
    }

    [Fact]
    public async Task Create_UnusableBody_IsRefusedAndNotStored()
    {
        await using var host = await RunHost.StartAsync();
        using var bad = await host.Client.PostJsonAsync("/runs?pipeline=traffic", "{}");
        await bad.ErrorAsync(400, "bad_request");
        using var png = await host.Client.PostBytesAsync("/runs?pipeline=traffic", [1], null, "image/png");
        await png.ErrorAsync(400, "bad_request");
        using var unnamed = await host.Client.PostJsonAsync("/runs", RunHost.Body);
        await unnamed.ErrorAsync(400, "bad_request");
        using var unknown = await host.Client.PostJsonAsync("/runs?pipeline=nobody", RunHost.Body);
        await unknown.ErrorAsync(404, "not_found");
        Assert.Empty((await host.Store.ListRunsAsync(10, null, null, Token)).Runs);
    }

    [Fact]
    public async Task Create_PictureWithAWrongChecksum_IsRefusedWithoutDecompressingIt()
    {
        await using var host = await RunHost.StartAsync();
        var png = Serving.Imaging.PictureCodec.EncodePng(Serving.Imaging.RgbImage.Over(8, 8, new byte[192]));
        png[^20] ^= 1;
        using var response = await host.Client.PostBytesAsync("/runs?pipeline=traffic", png, null, "image/png");
        await response.ErrorAsync(400, "bad_request");
    }

    [Fact]
    public async Task Execute_MemoryIsTakenByOthersMeanwhile_WaitsAndIsServed()
    {
        const int Others = 900_000;
        var budget = new Serving.Memory.ByteBudget(1_000_000);
        await using var host = await RunHost.StartAsync(budget: budget);
        await host.Runs.DisposeAsync();
        // Its pixels take 640,000 bytes, which do not fit beside the others'.
        var png = Serving.Imaging.PictureCodec.EncodePng(Serving.Imaging.RgbImage.Over(400, 400, new byte[480_000]));
        await host.Store.AcceptAsync(
            new RunRecord
            {
                Id = "r", Pipeline = "traffic", State = RunState.Accepted, Payload = "", Parameters = """{"form":"Picture","json_length":0,"most_bytes":1000}""", Created = DateTimeOffset.UtcNow,
            },
            png, Token);
        Serving.Memory.ByteBudget.Share? others = null;
        var payloads = new WatchedPayloads(host.Payloads, budget) { OnLoad = () => others ??= budget.Take(Others) };

        await host.StartRunsAsync(payloads, budget: budget);
        // The run has given back what it began with.
        while (others is null || budget.Used != Others)
            await Task.Delay(2, Token);
        Assert.Equal(RunState.Accepted, (await host.Store.FindRunAsync("r", Token))!.State);
        others.Dispose();

        Assert.Equal(RunState.Completed, (await host.EndedAsync("r")).State);
        Assert.Equal([1000, png.Length + 640_000], payloads.UsedAtLoad);
    }

    [Fact]
    public async Task Execute_PicturesBeyondTheBudget_WaitAndAreTriedOnce()
    {
        // Each takes 4 MB of pixels: two fit into the half that runs may take, and three would not.
        await using var host = await RunHost.StartAsync(budget: new Serving.Memory.ByteBudget(17_000_000));
        var png = Serving.Imaging.PictureCodec.EncodePng(Serving.Imaging.RgbImage.Over(1000, 1000, new byte[3_000_000]));
        var (inHand, most, tries) = (0, 0, 0);
        host.Engine.Answer = async (r, token) =>
        {
            Interlocked.Increment(ref tries);
            var now = Interlocked.Increment(ref inHand);
            for (var seen = most; now > seen; seen = most)
                Interlocked.CompareExchange(ref most, now, seen);
            await Task.Delay(5, token);
            Interlocked.Decrement(ref inHand);
            return FakeEngine.TwoCars(r);
        };
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            using var response = await host.Client.PostBytesAsync("/runs?pipeline=traffic", png, null, "image/png");
            Assert.Equal(202, (int)response.StatusCode);
            ids.Add((await response.JsonAsync()).GetProperty("id").GetString()!);
        }

        foreach (var id in ids)
            Assert.Equal(RunState.Completed, (await host.EndedAsync(id)).State);
        Assert.Equal(12, tries);
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Create_NoRoomToReadThePixels_Is429AndTakenLater()
    {
        await using var host = await RunHost.StartAsync();
        const int side = 600;
        var pixels = $$"""{"inputs":[{"name":"image","shape":[{{side}},{{side}},3],"datatype":"UINT8","data":[{{string.Join(',', Enumerable.Repeat('0', 3 * side * side))}}]}]}""";
        // There is room for the body and the tensor, and not for the image.
        using (host.Requests.Take(new Serving.Protocol.InferLimits().MaxBytesInHand - pixels.Length - (4 * side * side)))
        {
            using var refused = await host.Client.PostJsonAsync("/runs?pipeline=traffic", pixels);
            await refused.ErrorAsync(429, "rejected");
            Assert.Empty((await host.Store.ListRunsAsync(10, null, null, Token)).Runs);
        }

        var run = await host.EndedAsync(await host.CreateAsync(pixels));
        Assert.Equal(RunState.Completed, run.State);
        while (host.Requests.Used != 0)
            await Task.Delay(2, Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Execute_Input_IsLoadedOnceItIsCharged(bool isPicture)
    {
        var budget = new Serving.Memory.ByteBudget(100_000_000);
        await using var host = await RunHost.StartAsync(budget: budget);
        await host.Runs.DisposeAsync();
        var payloads = new WatchedPayloads(host.Payloads, budget);
        await host.StartRunsAsync(payloads, budget: budget);
        var png = Serving.Imaging.PictureCodec.EncodePng(Serving.Imaging.RgbImage.Over(1000, 1000, new byte[3_000_000]));
        using var response = isPicture
            ? await host.Client.PostBytesAsync("/runs?pipeline=traffic", png, null, "image/png")
            : await host.Client.PostJsonAsync("/runs?pipeline=traffic", RunHost.Body);
        var run = await host.EndedAsync((await response.JsonAsync()).GetProperty("id").GetString()!);
        Assert.Equal(RunState.Completed, run.State);
        // File and pixels, or text, tensor and pixels.
        Assert.Equal([isPicture ? png.Length + 4_000_000 : RunHost.Body.Length + 6], payloads.UsedAtLoad);
        while (budget.Used != 0)
            await Task.Delay(2, Token);
    }

    [Fact]
    public async Task List_Pages_LinkToTheNext()
    {
        await using var host = await RunHost.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await host.CreateAsync());
        var path = "/runs?size=2";
        var seen = new List<string>();
        while (path is not null)
        {
            using var response = await host.Client.GetPathAsync(path);
            var json = await response.JsonAsync();
            seen.AddRange(json.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
            path = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(ids.AsEnumerable().Reverse(), seen);
        foreach (var id in ids)
            await host.EndedAsync(id);
        using var done = await host.Client.GetPathAsync("/runs?state=completed&size=1000");
        Assert.Equal(5, (await done.JsonAsync()).GetProperty("runs").GetArrayLength());
        foreach (var bad in (string[])["size=0", "size=1001", "size=x", "state=gone", "after=x"])
        {
            using var response = await host.Client.GetPathAsync("/runs?" + bad);
            await response.ErrorAsync(400, "bad_request");
        }
    }

    [Fact]
    public async Task Delete_Running_CancelsItAndThenRemovesIt()
    {
        await using var host = await RunHost.StartAsync();
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        host.Engine.Answer = async (request, token) =>
        {
            started.TrySetResult();
            await using var registration = token.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
            return new QueryResult { Id = request.Id!, Outcome = QueryOutcome.Cancelled };
        };
        var id = await host.CreateAsync();
        await started.Task.WaitAsync(Token);
        using var first = await host.DeleteAsync(id);
        Assert.Equal("cancelled", (await first.JsonAsync()).GetProperty("state").GetString());
        await cancelled.Task.WaitAsync(Token);
        using var second = await host.DeleteAsync(id);
        Assert.Equal(204, (int)second.StatusCode);
        using var third = await host.DeleteAsync(id);
        await third.ErrorAsync(404, "not_found");
        Assert.Equal(0, host.Runs.Backlog);
    }

    /// <summary>Notes how much was charged when an input was loaded.</summary>
    private sealed class WatchedPayloads(IPayloadStore store, Serving.Memory.ByteBudget budget) : IPayloadStore
    {
        public List<long> UsedAtLoad { get; } = [];

        public Action OnLoad { get; init; } = () => { };

        public ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => store.PutAsync(payload, cancellationToken);

        public ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken)
        {
            UsedAtLoad.Add(budget.Used);
            OnLoad();
            return store.FindAsync(token, cancellationToken);
        }

        public ValueTask DeleteAsync(string token, CancellationToken cancellationToken) => store.DeleteAsync(token, cancellationToken);
    }
}
