using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;
using static ServerlessLoki.Serving.Tests.Dispatch.DispatcherTests;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Direct inference: rows of a caller for one variant.</summary>
public sealed class DispatcherInferTests
{
    [Fact]
    public async Task Infer_RootVariantWithTimeForItAlone_IsNotHeldToTheStagesBelow()
    {
        await using var test = await TestEngine.StartAsync(largeMs: 150, options: o => o with { Standby = false });
        Assert.All(test.Engine.Plan!.Slots, s => Assert.Equal(0, s.Variant));
        using var result = await test.Engine.InferAsync(
            new VariantRequest { Variant = "look-l", Rows = 1, Inputs = [new byte[4]], Latency = TimeSpan.FromMilliseconds(295) },
            TestContext.Current.CancellationToken);
        Assert.True(result.Outcome == QueryOutcome.Completed, result.Error);
    }

    [Fact]
    public async Task Infer_MoreRowsThanOneBatch_ComeBackInOrder()
    {
        await using var test = await TestEngine.StartAsync();
        var rows = Enumerable.Range(0, 100).SelectMany(BitConverter.GetBytes).ToArray();
        using var result = await test.Engine.InferAsync(
            new VariantRequest { Variant = "car-s", Rows = 100, Inputs = [rows] }, TestContext.Current.CancellationToken);
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.Equal(rows, result.Outputs[0].ToArray());
    }

    [Fact]
    public async Task Infer_VariantStillLoadsAtTheDeadline_IsExpiredAndTheNextFindsItLoaded()
    {
        using var go = new ManualResetEventSlim();
        var models = Finding();
        models.OnLoad = id =>
        {
            if (id is { Task: 1, Variant: 1 })
                go.Wait(TimeSpan.FromSeconds(20));
        };
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false });
        var request = new VariantRequest { Variant = "car-s", Rows = 1, Inputs = [new byte[4]], Latency = TimeSpan.FromMilliseconds(50) };
        using var late = await test.Engine.InferAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(QueryOutcome.Expired, late.Outcome);
        Assert.Contains("was not loaded", late.Error, StringComparison.Ordinal);
        using var leaving = new CancellationTokenSource();
        var left = test.Engine.InferAsync(request with { Latency = null }, leaving.Token);
        await leaving.CancelAsync();
        Assert.Equal(QueryOutcome.Cancelled, (await left).Outcome);
        go.Set();
        using var next = await test.Engine.InferAsync(request with { Latency = null }, TestContext.Current.CancellationToken);
        Assert.Equal(QueryOutcome.Completed, next.Outcome);
    }

    [Theory]
    [InlineData("car-s", 1, QueryOutcome.Completed)]
    [InlineData("car-s", 100, QueryOutcome.Completed)]
    [InlineData("none", 1, null)]
    public async Task Infer_WhateverComesOfIt_GivesTheInputsBackOnce(string variant, int rows, QueryOutcome? expected)
    {
        await using var test = await TestEngine.StartAsync();
        var owner = new Owner();
        QueryOutcome? outcome = null;
        try
        {
            using var result = await test.Engine.InferAsync(
                new VariantRequest { Variant = variant, Rows = rows, Inputs = [new byte[4 * rows]], Owner = owner },
                TestContext.Current.CancellationToken);
            outcome = result.Outcome;
        }
        catch (ArgumentException)
        {
            Assert.Null(expected);
        }

        Assert.Equal(expected, outcome);
        await owner.Disposed.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Infer_AnsweredBeforeItsBatchEnds_KeepsTheInputsUntilThen()
    {
        using var running = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        await using var test = await TestEngine.StartAsync();
        test.Models.OnRun = (_, _) =>
        {
            running.Set();
            mayEnd.Wait(TestContext.Current.CancellationToken);
        };
        var owner = new Owner();
        using var caller = new CancellationTokenSource();
        var answering = test.Engine.InferAsync(
            new VariantRequest { Variant = "car-s", Rows = 1, Inputs = [new byte[4]], Owner = owner }, caller.Token).AsTask();
        running.Wait(TestContext.Current.CancellationToken);
        await caller.CancelAsync();
        Assert.Equal(QueryOutcome.Cancelled, (await answering).Outcome);
        Assert.False(owner.Disposed.Task.IsCompleted);
        mayEnd.Set();
        await owner.Disposed.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Throws when disposed twice.</summary>
    private sealed class Owner : IDisposable
    {
        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => Disposed.SetResult();
    }
}
