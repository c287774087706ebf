using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Imaging;

namespace ServerlessLoki.Serving.Tests.Slots;

/// <summary>Pictures between admission and the root stage.</summary>
public sealed class PictureStageTests
{
    [Fact]
    public async Task Submit_Picture_IsDecodedBeforeTheRootStageFillsIt()
    {
        var decoded = 0;
        var models = new FakeModels { OnFill = item => decoded += ((ImageInput)item.Scope.Input!).IsDecoded ? 1 : 0, Rows = (_, _) => [] };
        await using var engine = await TestEngine.StartAsync(models: models);
        var result = await engine.SubmitAsync(Picture(20, 10));
        Assert.Equal((QueryOutcome.Completed, 1, 1), (result.Outcome, decoded, engine.Engine.Metrics.DecodeUs.Count));
    }

    [Fact]
    public async Task Submit_CorruptPicture_IsMalformedAndNoFailure()
    {
        await using var engine = await TestEngine.StartAsync();
        var result = await engine.SubmitAsync(Picture(20, 10, filter: 9));
        var metrics = engine.Engine.Metrics.Pipelines[0];
        Assert.Equal((QueryOutcome.Malformed, 1, 0), (result.Outcome, metrics.Count(QueryOutcome.Malformed), metrics.Count(QueryOutcome.Failed)));
        Assert.StartsWith("PNG: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, Serving.Telemetry.Outcomes.DeadlineAttainment(metrics));
    }

    [Fact]
    public async Task Submit_DeadlinePassesBeforeItsTurn_IsNotDecoded()
    {
        using var gate = new ManualResetEventSlim();
        var running = new TaskCompletionSource();
        await using var engine = await BlockedAsync(gate, running);
        var first = engine.SubmitAsync(latency: TimeSpan.FromMinutes(1)).AsTask();
        await running.Task;
        var second = await engine.SubmitAsync(Picture(20, 10), latency: TimeSpan.FromMilliseconds(100));
        Assert.Equal(QueryOutcome.Expired, second.Outcome);
        gate.Set();
        await first;
        var third = await engine.SubmitAsync(Picture(20, 10), latency: TimeSpan.FromMinutes(1));
        Assert.Equal((QueryOutcome.Completed, 1), (third.Outcome, engine.Engine.Metrics.DecodeUs.Count));
    }

    [Fact]
    public async Task Submit_PicturesWait_CountAsWorkBeforeTheNextQuery()
    {
        using var gate = new ManualResetEventSlim();
        var running = new TaskCompletionSource();
        await using var engine = await BlockedAsync(gate, running);
        var first = engine.SubmitAsync(latency: TimeSpan.FromMinutes(1)).AsTask();
        await running.Task;
        try
        {
            // Nine megapixels are taken for 90 ms before the first picture was decoded: eight of them do not fit into 400 ms.
            var png = PictureCodec.EncodePng(RgbImage.Over(3000, 3000, new byte[27_000_000]));
            var pictures = Enumerable.Range(0, 8)
                .Select(_ => engine.SubmitAsync(new ImageInput(new Bytes(png), png.Length, ImageLimits.Default), latency: TimeSpan.FromMilliseconds(400)).AsTask()).ToList();
            var results = await Task.WhenAll(pictures);
            Assert.Equal(QueryOutcome.Expired, results[0].Outcome);
            Assert.Equal(QueryOutcome.Rejected, results[^1].Outcome);
        }
        finally
        {
            // Else the engine would wait for its batch for ever.
            gate.Set();
        }

        Assert.Equal(QueryOutcome.Completed, (await first).Outcome);
    }

    [Fact]
    public void Rate_FollowsWhatPicturesTake()
    {
        var rate = new DecodeRate();
        Assert.Equal(10_020, rate.UsOf(1_000_000), 1e-6);
        for (var i = 0; i < 100; i++)
            rate.Observe(500_000, 10_020);
        Assert.Equal(20_020, rate.UsOf(1_000_000), 10.0);
    }

    [Fact]
    public void Rate_TinyPicturesAndPauses_ChangeLittleForLargeOnes()
    {
        var rate = new DecodeRate();
        for (var i = 0; i < 1000; i++)
            rate.Observe(1, 1_000);
        Assert.InRange(rate.UsOf(1_000_000), 9_000, 12_000);
        rate.Observe(400_000, 10_000_000);
        Assert.InRange(rate.UsOf(1_000_000), 10_000, 80_000);
        for (var i = 0; i < 100; i++)
            rate.Observe(400_000, 4_020);
        Assert.InRange(rate.UsOf(1_000_000), 9_000, 11_000);
    }

    [Fact]
    public void Queue_EarliestFirst_AndLaterPatientOnesDoNotStandBefore()
    {
        var queue = new PictureQueue();
        var urgent = Item(100);
        var patient = Item(1_000);
        queue.Add(patient, 10, 30);
        queue.Add(urgent, 10, 30);
        Assert.Equal((30, 60), (queue.CostBeforeUs(500), queue.CostBeforeUs(2_000)));
        var first = queue.Take();
        Assert.Same(urgent, first.Item);
        Assert.Same(patient, queue.Take().Item);
        Assert.Equal((0, 0, 60), (queue.Count, queue.CostBeforeUs(2_000), queue.DecodingUs));
        queue.Done(first);
        Assert.Equal(30, queue.DecodingUs);
    }

    private static StageItem Item(long orderUs) => new()
    {
        Scope = new DirectQuery(new VariantRequest { Variant = "v", Rows = 1, Inputs = [] }, _ => { })
        {
            Pipeline = 0, ArrivalUs = 0, DeadlineUs = orderUs, OrderUs = orderUs,
        },
        Task = 0,
        Variant = 0,
    };

    /// <summary>One thread, which the first batch holds until the gate opens.</summary>
    private static Task<TestEngine> BlockedAsync(ManualResetEventSlim gate, TaskCompletionSource running) => TestEngine.StartAsync(
        largeMs: 1, options: o => o with { Parallelism = 1 }, models: new FakeModels
        {
            Rows = (_, _) => [],
            OnRun = (_, _) =>
            {
                running.TrySetResult();
                gate.Wait(TestContext.Current.CancellationToken);
            },
        });

    private static ImageInput Picture(int width, int height, int filter = 0)
    {
        var png = width > 1000 ? PictureCodec.EncodePng(RgbImage.Over(width, height, new byte[3 * width * height])) : TestPng.Make(width, height, 2, 8, filter, false, 1).Bytes;
        return new ImageInput(new Bytes(png), png.Length, ImageLimits.Default);
    }
}
