using System.Collections.Concurrent;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests;

/// <summary>Branches that meet, served by workers: as in one process, and by another worker where one dies.</summary>
public sealed class DistributedJoinTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, 1, 5)]
    [InlineData(0, 2, 4)]
    [InlineData(0, 0, 1)]
    public async Task Submit_BranchesThatMeet_AreAnsweredAsInOneProcess(int cars, int men, int answers)
    {
        var (here, there) = (new ConcurrentBag<StageItem>(), new ConcurrentBag<StageItem>());
        await using var engine = await TestEngine.StartAsync(pipeline: FusedPipeline.Of("all"), models: FusedPipeline.Models(cars, men, here));
        await using var system = new RemoteSystem(FusedPipeline.Of("all"));
        // Each reply comes three times, parents last.
        system.Broker.Copies = 3;
        system.Broker.OnReply = async reply =>
        {
            await Task.Delay(reply.ParentTask is null ? 30 : 0, CancellationToken.None);
            return true;
        };
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync(2, FusedPipeline.Models(cars, men, there));
        await system.AddWorkerAsync(2, FusedPipeline.Models(cars, men, there));
        var ingress = await system.AddReadyIngressAsync();
        var expected = await engine.SubmitAsync();
        // A large image is stored once, for the join's item too.
        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => RemoteSystem.AskAsync(ingress, pixels: i == 0 ? 400 : 4).AsTask()));
        Assert.All(results, r =>
        {
            Assert.Equal((QueryOutcome.Completed, answers), (r.Outcome, r.Answers.Count));
            Assert.Equal(expected.Accuracy, r.Accuracy, 1e-9);
            Assert.Equal(expected.Answers.Select(a => (a.Task, a.Variant, a.Parent, a.ParentRow)), r.Answers.Select(a => (a.Task, a.Variant, a.Parent, a.ParentRow)));
        });
        Assert.Equal(answers > 1 ? results.Length : 0, there.Count);
        Assert.All(there, t => Assert.Equal(here.Single().Inputs, t.Inputs));
        Assert.Equal(1, system.Payloads.Stored);
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0 && system.Payloads.Count == 0);
    }

    [Fact]
    public async Task Kill_WorkerThatRunsAJoin_AnotherRunsItOnTheSameArrivals()
    {
        await using var system = new RemoteSystem(FusedPipeline.Of("all"));
        await system.PublishAsync("l", 2);
        using var victim = await VictimWorker.AddAsync(system, 4, FusedPipeline.Models(2, 1, []), task: 3);
        var ingress = await system.AddReadyIngressAsync();
        var asked = RemoteSystem.AskManyAsync(ingress, 10);
        await victim.StuckAsync();
        var arrived = new ConcurrentBag<StageItem>();
        await system.AddWorkerAsync(4, FusedPipeline.Models(2, 1, arrived));
        await victim.DieAsync();
        var results = await asked;
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 5), (r.Outcome, r.Answers.Count)));
        Assert.NotEmpty(arrived);
        Assert.All(arrived, a => Assert.Equal([2, 2, 3], a.Inputs!.Select(i => i.Edge)));
        Assert.True(system.Broker.Redelivered > 0);
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
    }

    [Fact]
    public async Task Message_OfAJoinWithoutArrivals_IsPutAside()
    {
        await using var system = new RemoteSystem(FusedPipeline.Of("all"));
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync(4);
        var client = system.Broker.Connect();
        var message = new StageMessage
        {
            QueryId = "q", ReplyTo = "r", Pipeline = "p", Task = "fuse", Variant = "fuse-l", Edge = 2, ParentTask = "look", Arrival = DateTimeOffset.UtcNow, Enqueued = DateTimeOffset.UtcNow,
            Input = new StagePayload { Kind = StagePayloadKind.Pixels, Width = 1, Height = 1, Bytes = new byte[3] },
        };
        await client.SendAsync(message.Key, message, Token);
        await client.SendAsync(message.Key, message with { Tensor = PackedArrivals.Of([new JoinInput(0, default, null)]) }, Token);
        await RemoteSystem.UntilAsync(() => system.Broker.Poison == 2);
    }
}
