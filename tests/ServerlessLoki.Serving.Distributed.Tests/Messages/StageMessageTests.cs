using System.Collections.Concurrent;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Distributed.Tests.Messages;

/// <summary>Single messages as workers meet them: late ones, unusable ones, those of an orchestrator.</summary>
public sealed class StageMessageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retired_MessageThatComesLate_IsSentOnToTheVariantOfThePlan()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await system.StartAsync();
        await system.SwitchAsync(ingress, "s", 2);
        // Both have closed the old queues after their linger.
        await Task.Delay(1500, Token);
        var late = new StageMessage
        {
            QueryId = "late", ReplyTo = "late", Pipeline = "p", Task = "look", Variant = "look-l", Arrival = DateTimeOffset.UtcNow, Enqueued = DateTimeOffset.UtcNow,
            Accuracy = 0.9, Input = new StagePayload { Kind = StagePayloadKind.Pixels, Width = 1, Height = 1, Bytes = new byte[3] },
        };
        var replies = new List<StageReply>();
        var client = system.Broker.Connect();
        await using var inbox = client.OpenInbox("late", reply =>
        {
            lock (replies)
                replies.Add(reply);
            return ValueTask.CompletedTask;
        });
        await client.SendAsync(late.Key, late, Token);
        await RemoteSystem.UntilAsync(() => replies.Count == 2);
        Assert.Equal(["car-s", "look-s"], replies.Select(r => r.Variant).Order());
        Assert.Equal(0, system.Broker.WaitingFor(new StageKey("p", "look", "look-l")));
    }

    [Fact]
    public async Task Message_ThatNamesNothingKnown_IsPutAside()
    {
        await using var system = new RemoteSystem();
        await system.StartAsync();
        var client = system.Broker.Connect();
        var message = new StageMessage
        {
            QueryId = "q", ReplyTo = "r", Pipeline = "p", Task = "look", Variant = "gone", Arrival = DateTimeOffset.UtcNow, Enqueued = DateTimeOffset.UtcNow,
        };
        await client.SendAsync(new StageKey("p", "look", "look-l"), message, Token);
        await client.SendAsync(new StageKey("p", "look", "look-l"), message with { Variant = "look-l" }, Token);
        await RemoteSystem.UntilAsync(() => system.Broker.Poison == 2);
        Assert.Equal(0, system.Broker.Waiting);
    }

    [Fact]
    public async Task ReturnOnly_Message_IsAnsweredAndItsChildrenAreLeftToTheOrchestrator()
    {
        await using var system = new RemoteSystem();
        await system.StartAsync();
        var document = PlanDocument.Parse((await system.State.ReadDocumentAsync(PlanDocument.Name, Token))!.Json);
        var routes = RoutingTable.Build(document.ToProblem([system.Pipeline]), document.Plan);
        var replies = new ConcurrentQueue<StageReply>();
        var client = system.Broker.Connect();
        await using var inbox = client.OpenInbox("stage-results", reply =>
        {
            replies.Enqueue(reply);
            return ValueTask.CompletedTask;
        });
        var input = new StagePayload { Kind = StagePayloadKind.Pixels, Width = 1, Height = 1, Bytes = new byte[3] };
        var now = DateTimeOffset.UtcNow;
        var root = StageExpansion.Root(system.Pipeline, routes, 0, "run", "stage-results", input, now)!;
        await client.SendAsync(root.Key, root, Token);
        await RemoteSystem.UntilAsync(() => replies.Count == 1);
        Assert.True(replies.TryDequeue(out var answer));
        Assert.Equal(("look-l", 0, 1), (answer!.Variant, answer.Children, answer.Rows.Length));
        var children = StageExpansion.Children(system.Pipeline, TransformRegistry.Default, routes, 0, root, answer, now);
        Assert.Equal(children, StageExpansion.Children(system.Pipeline, TransformRegistry.Default, routes, 0, root, answer, now));
        var child = Assert.Single(children);
        Assert.Equal(("car", "look", Credit.Whole), (child.Task, child.ParentTask, child.Credit));
        await client.SendAsync(child.Key, child, Token);
        await RemoteSystem.UntilAsync(() => replies.Count == 1);
        Assert.True(replies.TryDequeue(out var leaf));
        Assert.Equal(("car-l", child.ParentStamp, "look"), (leaf!.Variant, leaf.ParentStamp, leaf.ParentTask));
        Assert.Empty(StageExpansion.Children(system.Pipeline, TransformRegistry.Default, routes, 0, child, leaf, now));
    }
}
