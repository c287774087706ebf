using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Imaging;

namespace ServerlessLoki.Serving.Distributed.Tests;

/// <summary>Queries served elsewhere: through all stages, whatever is repeated, late, large or lost.</summary>
public sealed class DistributedServingTests
{
    [Fact]
    public async Task Submit_TwoWorkers_AnswersThroughAllStages()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await system.StartAsync();
        var results = await RemoteSystem.AskManyAsync(ingress, 50);
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 2, 0.72), (r.Outcome, r.Answers.Count, Math.Round(r.Accuracy, 9))));
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
        Assert.Equal((50, 0L), (ingress.Metrics.Pipelines[0].Count(QueryOutcome.Completed), ingress.Metrics.Pipelines[0].Pending));
        Assert.Equal(0, system.Payloads.Stored);
    }

    [Fact]
    public async Task Submit_RepliesComeTwiceAndLate_CountsEachOnce()
    {
        await using var system = new RemoteSystem();
        system.Broker.Copies = 3;
        system.Broker.OnReply = async reply =>
        {
            // Parents last.
            await Task.Delay(reply.ParentTask is null ? 50 : 0, CancellationToken.None);
            return true;
        };
        var (ingress, _, _) = await system.StartAsync();
        var results = await RemoteSystem.AskManyAsync(ingress, 30);
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 2), (r.Outcome, r.Answers.Count)));
        Assert.Equal(30, ingress.Metrics.Pipelines[0].Count(QueryOutcome.Completed));
    }

    [Fact]
    public async Task Submit_LargeImage_TravelsByTokenAndIsFetchedOnceByEachWorker()
    {
        await using var system = new RemoteSystem();
        var models = new FakeModels { Rows = (_, item) => item.Edge >= 0 ? [new OutputRow(0, 1, 0, 0, 1, 1)] : [.. Enumerable.Range(0, 8).Select(i => new OutputRow(i % 2, 0.9f, 0, 0, 1, 1))] };
        var filled = 0;
        models.OnFill = item =>
        {
            Assert.Equal(7, ((ImageInput)item.Scope.Input!).Image.Pixels[300_000]);
            Interlocked.Increment(ref filled);
        };
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync(3, models);
        var ingress = await system.AddReadyIngressAsync();
        var result = await RemoteSystem.AskAsync(ingress, pixels: 400);
        Assert.Equal((QueryOutcome.Completed, 9, 9), (result.Outcome, result.Answers.Count, filled));
        Assert.Equal((1, 1), (system.Payloads.Stored, system.Payloads.Fetched));
        await RemoteSystem.UntilAsync(() => system.Payloads.Count == 0);
    }

    [Theory]
    [InlineData(false, QueryOutcome.Completed)]
    [InlineData(true, QueryOutcome.Malformed)]
    public async Task Submit_Png_TravelsAsItCameAndIsDecodedOnceByTheWorker(bool corrupt, QueryOutcome expected)
    {
        await using var system = new RemoteSystem();
        var models = new FakeModels { Rows = (_, item) => item.Edge >= 0 ? [new OutputRow(0, 1, 0, 0, 1, 1)] : [.. Enumerable.Range(0, 8).Select(i => new OutputRow(i % 2, 0.9f, 0, 0, 1, 1))] };
        var images = new System.Collections.Concurrent.ConcurrentDictionary<RgbImage, int>();
        models.OnFill = item =>
        {
            using var pixels = ((ImageInput)item.Scope.Input!).Open();
            images.TryAdd(pixels.Image, 0);
        };
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync(3, models);
        var ingress = await system.AddReadyIngressAsync();
        var png = TestPng.Make(20, 10, 2, 8, corrupt ? 9 : 1, false, 1).Bytes;
        var input = new ImageInput(new Bytes(png), png.Length, ImageLimits.Default);
        var result = await ingress.SubmitAsync(new QueryRequest { Pipeline = "p", Input = input, IgnoreSlo = true }, TestContext.Current.CancellationToken);
        Assert.Equal((expected, 0, corrupt ? 0 : 1), (result.Outcome, system.Payloads.Stored, images.Count));
    }

    [Fact]
    public async Task Submit_DeadlinePassesInTheQueue_IsAnsweredInTime()
    {
        await using var system = new RemoteSystem();
        var (ingress, first, second) = await system.StartAsync();
        await system.KillAsync(first);
        await system.KillAsync(second);
        var result = await RemoteSystem.AskAsync(ingress, TimeSpan.FromMilliseconds(300), patient: false);
        Assert.Equal(QueryOutcome.Expired, result.Outcome);
        Assert.InRange(result.Latency.TotalMilliseconds, 300, 3000);
    }

    [Theory]
    [InlineData(null, QueryOutcome.Expired, 0)]
    [InlineData(600, QueryOutcome.Completed, 1)]
    public async Task Submit_ModelSlowerThanTheSlo_TheCallersDeadlineCounts(int? seconds, QueryOutcome outcome, long beyondSlo)
    {
        await using var system = new RemoteSystem(TestEngine.Traffic.Replace("\"sloMs\": 1000", "\"sloMs\": 100", StringComparison.Ordinal));
        await system.PublishAsync("l", 1);
        var models = new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => Thread.Sleep(300) };
        await system.AddWorkerAsync(models: models);
        var ingress = await system.AddReadyIngressAsync();

        var result = await RemoteSystem.AskAsync(ingress, seconds is { } s ? TimeSpan.FromSeconds(s) : null, patient: false);

        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(beyondSlo, ingress.Metrics.Pipelines[0].BeyondSlo);
    }

    [Fact]
    public async Task Kill_WorkerInMidBatch_ItsMessagesAreServedByAnotherAndCountedOnce()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 2);
        using var victim = await VictimWorker.AddAsync(system);
        var ingress = await system.AddReadyIngressAsync();
        var asked = RemoteSystem.AskManyAsync(ingress, 20);
        await victim.StuckAsync();
        await system.AddWorkerAsync(3);
        await victim.DieAsync();
        var results = await asked;
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 2), (r.Outcome, r.Answers.Count)));
        Assert.Equal(20, ingress.Metrics.Pipelines[0].Count(QueryOutcome.Completed));
        Assert.True(system.Broker.Redelivered > 0);
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
    }

    [Fact]
    public async Task Kill_WorkerBeforeItsChildrenAreSent_TheAnswerOfAnotherVariantCounts()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var (killed, children) = (new TaskCompletionSource(), 0);
        system.Broker.OnSend = (message, _) => message.ParentTask is null || Interlocked.Increment(ref children) > 1 ? Task.CompletedTask : killed.Task;
        var victim = await system.AddWorkerAsync();
        var ingress = await system.AddReadyIngressAsync();
        var asked = RemoteSystem.AskAsync(ingress).AsTask();
        await RemoteSystem.UntilAsync(() => Volatile.Read(ref children) == 1);

        await system.PublishAsync("s", 1);
        await system.KillAsync(victim);
        killed.SetResult();
        await system.AddWorkerAsync();

        await RemoteSystem.UntilAsync(() => asked.IsCompleted);
        var result = await asked;
        Assert.Equal((QueryOutcome.Completed, 2), (result.Outcome, result.Answers.Count));
        Assert.Equal("look-s", system.Pipeline.Root.Variants[result.Answers[0].Variant].Name);
    }

    [Fact]
    public async Task Submit_QueueIsAway_IsNotTriedAfterTheDeadline()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await system.StartAsync();
        var stopped = new TaskCompletionSource();
        system.Broker.OnSend = async (_, stop) =>
        {
            await using var registration = stop.Register(stopped.SetResult);
            await Task.Delay(Timeout.Infinite, stop);
        };

        var result = await RemoteSystem.AskAsync(ingress, latency: TimeSpan.FromMilliseconds(500));

        Assert.Equal(QueryOutcome.Expired, result.Outcome);
        await RemoteSystem.UntilAsync(() => stopped.Task.IsCompleted);
    }

    [Fact]
    public async Task Batch_ThatThrows_IsTriedOnceMoreAndThenFailsItsQuery()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var runs = 0;
        await system.AddWorkerAsync(3, new FakeModels { OnRun = (id, _) => _ = id.Task == 0 ? Interlocked.Increment(ref runs) == 1 ? throw new InvalidDataException("once") : 0 : throw new InvalidDataException("always") });
        var ingress = await system.AddReadyIngressAsync();
        var result = await RemoteSystem.AskAsync(ingress);
        Assert.Equal(QueryOutcome.Failed, result.Outcome);
        Assert.Contains("failed twice: always", result.Error, StringComparison.Ordinal);
        Assert.True(runs >= 2);
    }
}
