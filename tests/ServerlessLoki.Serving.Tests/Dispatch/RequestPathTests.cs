using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>What a query meets before its queue; the list is in the README of ServerlessLoki.Serving.</summary>
public sealed class RequestPathTests
{
    /// <summary>Far beyond what a busy machine needs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_WhileTheDevicesLockIsHeld_ReachesItsQueue(bool isPicture)
    {
        await using var engine = await TestEngine.StartAsync(models: new FakeModels { Rows = (_, _) => [] });
        var device = engine.Engine.Devices[0];
        using var held = new ManualResetEventSlim();
        using var free = new ManualResetEventSlim();
        var holder = Task.Factory.StartNew(
            () => device.Change(_ =>
            {
                held.Set();
                free.Wait(Patience);
            }),
            TaskCreationOptions.LongRunning);
        Task<QueryResult>? answer = null;
        try
        {
            Assert.True(held.Wait(Patience, TestContext.Current.CancellationToken));
            await Task.Run(() =>
            {
                Assert.Null(engine.Engine.Find("p")!.RefuseEarly(Long, TimeSpan.Zero));
                answer = engine.SubmitAsync(isPicture ? Picture() : new FakeInput(), Long).AsTask();
            }).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.False(answer!.IsCompleted);
            Assert.True(device.Load.BeforeUs(long.MaxValue, 0) > 0);
        }
        finally
        {
            free.Set();
            await holder;
        }

        Assert.Equal(QueryOutcome.Completed, (await answer).Outcome);
    }

    [Fact]
    public async Task RefuseEarly_QueryMayComeIn_AllocatesNothing()
    {
        await using var engine = await TestEngine.StartAsync();
        var door = engine.Engine.Find("p")!;
        Assert.Equal(0, AllocatedBy(100, _ => Assert.Null(door.RefuseEarly(Long, TimeSpan.Zero))));
    }

    [Fact]
    public async Task Submit_Admitted_AllocatesTheQueryItsItemAndItsAnswerOnly()
    {
        const int Queries = 100, Most = 1_300;
        using var free = new ManualResetEventSlim();
        await using var engine = await TestEngine.StartAsync(
            models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => free.Wait(TestContext.Current.CancellationToken) });
        var door = engine.Engine.Find("p")!;
        // The first hundred make room in the queue.
        var requests = Enumerable.Range(0, 2 * Queries).Select(i => new QueryRequest { Pipeline = "p", Input = new FakeInput(), Id = $"{i}", Latency = Long }).ToArray();
        var answers = new Task<QueryResult>[requests.Length];
        try
        {
            var bytes = AllocatedBy(Queries, i => answers[i] = door.SubmitAsync(requests[i], CancellationToken.None).AsTask());
            Assert.InRange(bytes / Queries, 1, Most);
        }
        finally
        {
            free.Set();
        }

        foreach (var answer in answers)
            Assert.Equal(QueryOutcome.Completed, (await answer).Outcome);
    }

    /// <summary>Bytes that so many calls take on this thread, after as many that may still have made something for good.</summary>
    private static long AllocatedBy(int calls, Action<int> call)
    {
        for (var i = 0; i < calls; i++)
            call(i);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = calls; i < 2 * calls; i++)
            call(i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static ImageInput Picture()
    {
        var png = PictureCodec.EncodePng(RgbImage.Over(20, 10, new byte[600]));
        return new ImageInput(new Bytes(png), png.Length, ImageLimits.Default);
    }
}
