using System.Collections.Concurrent;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Remote;
using ServerlessLoki.Serving.Tests.Dispatch;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Tests.Remote;

public sealed class RemoteServingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_TwoWorkers_AnswersThroughAllStages()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await StartAsync(system);
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RemoteSystem.AskAsync(ingress).AsTask()));
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
        var (ingress, _, _) = await StartAsync(system);
        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => RemoteSystem.AskAsync(ingress).AsTask()));
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
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        var result = await RemoteSystem.AskAsync(ingress, pixels: 400);
        Assert.Equal((QueryOutcome.Completed, 9, 9), (result.Outcome, result.Answers.Count, filled));
        Assert.Equal((1, 1), (system.Payloads.Stored, system.Payloads.Fetched));
        await RemoteSystem.UntilAsync(() => system.Payloads.Count == 0);
    }

    [Fact]
    public async Task Kill_WorkerInMidBatch_ItsMessagesAreServedByAnotherAndCountedOnce()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 2);
        using var release = new ManualResetEventSlim();
        var stuck = 0;
        var victim = await system.AddWorkerAsync(3, new FakeModels
        {
            OnRun = (_, rows) =>
            {
                Interlocked.Add(ref stuck, rows);
                release.Wait(Token);
            },
        });
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        var asked = Enumerable.Range(0, 20).Select(_ => RemoteSystem.AskAsync(ingress).AsTask()).ToArray();
        await RemoteSystem.UntilAsync(() => Volatile.Read(ref stuck) > 0);
        await system.AddWorkerAsync(3);
        await system.KillAsync(victim);
        // What the dead worker still does counts for nothing.
        release.Set();
        var results = await Task.WhenAll(asked);
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 2), (r.Outcome, r.Answers.Count)));
        Assert.Equal(20, ingress.Metrics.Pipelines[0].Count(QueryOutcome.Completed));
        Assert.True(system.Broker.Redelivered > 0);
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
    }

    [Fact]
    public async Task Kill_Worker_ItsPlacesAreClaimedByAnother()
    {
        await using var system = new RemoteSystem();
        var (_, first, second) = await StartAsync(system, replicas: 2, slots: 3);
        Assert.Equal((3, 3), (first.Report().Serving.Sum(s => s.Replicas), second.Report().Serving.Sum(s => s.Replicas)));
        await system.KillAsync(first);
        var third = await system.AddWorkerAsync(3);
        await RemoteSystem.UntilAsync(() => third.Report().Serving.Sum(s => s.Replicas) == 3);
        var held = await system.State.LeasesAsync("place/", DateTimeOffset.UtcNow, Token);
        Assert.DoesNotContain("w0", held.Select(l => l.Owner));
        Assert.Equal(6, held.Count);
    }

    [Fact]
    public async Task Publish_AnotherPlanUnderLoad_MovesSlotsAndLosesNothing()
    {
        await using var system = new RemoteSystem();
        var (ingress, first, second) = await StartAsync(system);
        var stop = false;
        var variants = new List<int>();
        var load = Task.Run(
            async () =>
            {
                var results = new List<QueryResult>();
                while (!Volatile.Read(ref stop))
                {
                    results.AddRange(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RemoteSystem.AskAsync(ingress).AsTask())));
                    await Task.Delay(5, Token);
                }

                return results;
            }, Token);
        foreach (var size in (string[])["s", "l", "s"])
        {
            await system.PublishAsync(size, 2);
            await RemoteSystem.UntilAsync(() => new[] { first, second }.All(w => w.Report().Serving.Length > 0 && w.Report().Serving.All(s => s.Variant.EndsWith(size, StringComparison.Ordinal))));
            await RemoteSystem.UntilAsync(() => Serves(ingress, size));
        }

        Volatile.Write(ref stop, true);
        var results = await load;
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 2), (r.Outcome, r.Answers.Count)));
        Assert.Equal([0, 1], results.SelectMany(r => r.Answers).Select(a => a.Variant).Distinct().Order());
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
        Assert.Equal(4, (await system.State.ReadDocumentAsync(PlanDocument.Name, Token)) is { } stored ? PlanDocument.Parse(stored.Json).Plan.Version : 0);
    }

    [Fact]
    public async Task Retired_MessageThatComesLate_IsSentOnToTheVariantOfThePlan()
    {
        await using var system = new RemoteSystem();
        var (ingress, first, second) = await StartAsync(system);
        await system.PublishAsync("s", 2);
        await RemoteSystem.UntilAsync(() => Serves(ingress, "s") && new[] { first, second }.All(w => w.Report().Serving.All(s => s.Variant.EndsWith('s'))));
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
    public async Task Lease_LostToAnother_TheSlotLetsGo()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var worker = await system.AddWorkerAsync(3, lease: TimeSpan.FromMilliseconds(300));
        await RemoteSystem.UntilAsync(() => worker.Report().Serving.Length == 3);
        // A pause longer than the lease: another has its place before it wakes.
        await system.State.ReleaseAsync("place/p/car/car-l/cpu/0", "w0", Token);
        Assert.True(await system.State.ClaimAsync("place/p/car/car-l/cpu/0", "other", DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1), Token));
        await RemoteSystem.UntilAsync(() => worker.Report().Serving.Length == 2);
        Assert.DoesNotContain("car-l", worker.Report().Serving.Select(s => s.Variant));
        await system.State.ReleaseAsync("place/p/car/car-l/cpu/0", "other", Token);
        await RemoteSystem.UntilAsync(() => worker.Report().Serving.Length == 3);
    }

    [Fact]
    public async Task Load_VariantThatCannotBe_IsLeftToAnotherWorker()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var broken = new FakeModels();
        broken.Broken.Add(new VariantId(0, 1, 0));
        var first = await system.AddWorkerAsync(3, broken);
        await RemoteSystem.UntilAsync(() => first.Report().Serving.Length == 2);
        var second = await system.AddWorkerAsync(3);
        await RemoteSystem.UntilAsync(() => second.Report().Serving.Length == 1);
        Assert.Equal("car-l", second.Report().Serving[0].Variant);
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        Assert.Equal(QueryOutcome.Completed, (await RemoteSystem.AskAsync(ingress)).Outcome);
    }

    [Fact]
    public async Task Batch_ThatThrows_IsTriedOnceMoreAndThenFailsItsQuery()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var runs = 0;
        await system.AddWorkerAsync(3, new FakeModels { OnRun = (id, _) => _ = id.Task == 0 ? Interlocked.Increment(ref runs) == 1 ? throw new InvalidDataException("once") : 0 : throw new InvalidDataException("always") });
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        var result = await RemoteSystem.AskAsync(ingress);
        Assert.Equal(QueryOutcome.Failed, result.Outcome);
        Assert.Contains("failed twice: always", result.Error, StringComparison.Ordinal);
        Assert.True(runs >= 2);
    }

    [Fact]
    public async Task Submit_DeadlinePassesInTheQueue_IsAnsweredInTime()
    {
        await using var system = new RemoteSystem();
        var (ingress, first, second) = await StartAsync(system);
        await system.KillAsync(first);
        await system.KillAsync(second);
        var result = await RemoteSystem.AskAsync(ingress, TimeSpan.FromMilliseconds(300), patient: false);
        Assert.Equal(QueryOutcome.Expired, result.Outcome);
        Assert.InRange(result.Latency.TotalMilliseconds, 300, 3000);
    }

    [Fact]
    public async Task Message_ThatNamesNothingKnown_IsPutAside()
    {
        await using var system = new RemoteSystem();
        await StartAsync(system);
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
        await StartAsync(system);
        var routes = PlanDocument.Parse((await system.State.ReadDocumentAsync(PlanDocument.Name, Token))!.Json).ToRoutes([system.Pipeline]);
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

    [Fact]
    public async Task Dispose_Worker_GivesBackItsPlacesAndWhatWaits()
    {
        await using var system = new RemoteSystem();
        var (ingress, first, _) = await StartAsync(system);
        var asked = Enumerable.Range(0, 40).Select(_ => RemoteSystem.AskAsync(ingress).AsTask()).ToArray();
        await first.DisposeAsync();
        Assert.DoesNotContain("w0", (await system.State.LeasesAsync("", DateTimeOffset.UtcNow, Token)).Select(l => l.Owner));
        Assert.All(await Task.WhenAll(asked), r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
    }

    [Fact]
    public async Task Infer_RowsWhoseRepliesComeTwiceAndInAnyOrder_AreEachInTheirPlace()
    {
        await using var system = new RemoteSystem();
        system.Broker.Copies = 3;
        system.Broker.OnReply = async reply =>
        {
            await Task.Delay(reply.ParentRow % 5, CancellationToken.None);
            return true;
        };
        var (ingress, _, _) = await StartAsync(system);
        var values = Enumerable.Range(0, 40).SelectMany(i => BitConverter.GetBytes(i)).ToArray();
        using var result = await ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 40, Inputs = [values] }, Token);
        Assert.Equal((QueryOutcome.Completed, null), (result.Outcome, result.Error));
        Assert.Equal(values, Assert.Single(result.Outputs).ToArray());
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
    }

    [Fact]
    public async Task Infer_LargeRows_TravelByTokenAndAreDeleted()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await StartAsync(system);
        var row = new byte[2 * StagePayload.InlineLimitBytes];
        using var result = await ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 1, Inputs = [row] }, Token);
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.Equal(row.Length, result.Outputs[0].Length);
        await RemoteSystem.UntilAsync(() => system.Payloads is { Count: 0, Stored: 2 });
    }

    [Fact]
    public async Task Infer_VariantThatNobodyRuns_IsToldWhichOnesAreRun()
    {
        await using var system = new RemoteSystem();
        var (ingress, _, _) = await StartAsync(system);
        var released = new Released();
        using var result = await ingress.InferAsync(new VariantRequest { Variant = "car-s", Rows = 1, Inputs = [new byte[4]], Owner = released }, Token);
        Assert.Equal((QueryOutcome.Unavailable, true), (result.Outcome, released.IsDisposed));
        Assert.Contains("No worker runs variant car-s", result.Error, StringComparison.Ordinal);
        Assert.Contains("these are run: car-l", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, system.Broker.WaitingFor(new StageKey("p", "car", "car-s")));
        await Assert.ThrowsAsync<ArgumentException>(() => ingress.InferAsync(new VariantRequest { Variant = "none", Rows = 1, Inputs = [new byte[4]] }, Token).AsTask());
    }

    [Fact]
    public async Task Infer_LastWorkerDies_IsAnsweredBeforeItsDeadline()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        using var release = new ManualResetEventSlim();
        var stuck = 0;
        var victim = await system.AddWorkerAsync(3, new FakeModels
        {
            OnRun = (_, rows) =>
            {
                Interlocked.Add(ref stuck, rows);
                release.Wait(Token);
            },
        });
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        var asked = ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 2, Inputs = [new byte[8]], Latency = TimeSpan.FromMinutes(10) }, Token).AsTask();
        await RemoteSystem.UntilAsync(() => Volatile.Read(ref stuck) > 0);
        await system.KillAsync(victim);
        release.Set();
        using var result = await asked;
        Assert.Equal(QueryOutcome.Unavailable, result.Outcome);
        Assert.Contains("nothing is run", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_WorkerKilledInMidBatch_AnotherAnswers()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 2);
        using var release = new ManualResetEventSlim();
        var stuck = 0;
        var victim = await system.AddWorkerAsync(3, new FakeModels
        {
            OnRun = (_, rows) =>
            {
                Interlocked.Add(ref stuck, rows);
                release.Wait(Token);
            },
        });
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        var values = Enumerable.Range(0, 8).SelectMany(i => BitConverter.GetBytes(i)).ToArray();
        var asked = ingress.InferAsync(new VariantRequest { Variant = "car-l", Rows = 8, Inputs = [values] }, Token).AsTask();
        await RemoteSystem.UntilAsync(() => Volatile.Read(ref stuck) > 0);
        await system.AddWorkerAsync(3);
        await system.KillAsync(victim);
        release.Set();
        using var result = await asked;
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.Equal(values, result.Outputs[0].ToArray());
        Assert.True(system.Broker.Redelivered > 0);
    }

    [Theory]
    [InlineData(2, 1, 5)]
    [InlineData(0, 2, 4)]
    [InlineData(0, 0, 1)]
    public async Task Submit_BranchesThatMeet_AreAnsweredAsInOneProcess(int cars, int men, int answers)
    {
        var (here, there) = (new ConcurrentBag<StageItem>(), new ConcurrentBag<StageItem>());
        await using var engine = await TestEngine.StartAsync(pipeline: JoinEngineTests.Join("all"), models: JoinEngineTests.Models(cars, men, here));
        await using var system = new RemoteSystem(JoinEngineTests.Join("all"));
        // Each reply comes three times, parents last.
        system.Broker.Copies = 3;
        system.Broker.OnReply = async reply =>
        {
            await Task.Delay(reply.ParentTask is null ? 30 : 0, CancellationToken.None);
            return true;
        };
        await system.PublishAsync("l", 1);
        await system.AddWorkerAsync(2, JoinEngineTests.Models(cars, men, there));
        await system.AddWorkerAsync(2, JoinEngineTests.Models(cars, men, there));
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
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
        await using var system = new RemoteSystem(JoinEngineTests.Join("all"));
        await system.PublishAsync("l", 2);
        using var release = new ManualResetEventSlim();
        var stuck = 0;
        var first = JoinEngineTests.Models(2, 1, []);
        first.OnRun = (id, rows) =>
        {
            if (id.Task != 3)
                return;
            Interlocked.Add(ref stuck, rows);
            release.Wait(Token);
        };
        var victim = await system.AddWorkerAsync(4, first);
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        var asked = Enumerable.Range(0, 10).Select(_ => RemoteSystem.AskAsync(ingress).AsTask()).ToArray();
        await RemoteSystem.UntilAsync(() => Volatile.Read(ref stuck) > 0);
        var arrived = new ConcurrentBag<StageItem>();
        await system.AddWorkerAsync(4, JoinEngineTests.Models(2, 1, arrived));
        await system.KillAsync(victim);
        release.Set();
        var results = await Task.WhenAll(asked);
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 5), (r.Outcome, r.Answers.Count)));
        Assert.NotEmpty(arrived);
        Assert.All(arrived, a => Assert.Equal([2, 2, 3], a.Inputs!.Select(i => i.Edge)));
        Assert.True(system.Broker.Redelivered > 0);
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
    }

    [Fact]
    public async Task Message_OfAJoinWithoutArrivals_IsPutAside()
    {
        await using var system = new RemoteSystem(JoinEngineTests.Join("all"));
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

    private sealed class Released : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private static bool Serves(IngressEngine ingress, string size) =>
        ingress.Status().Pipelines[0].Tasks.All(t => t.Queued.Count > 0 && t.Queued.Keys.All(v => v.EndsWith(size, StringComparison.Ordinal)));

    private static async Task<(IngressEngine Ingress, WorkerEngine First, WorkerEngine Second)> StartAsync(RemoteSystem system, int replicas = 2, int slots = 3)
    {
        await system.PublishAsync("l", replicas);
        var (first, second) = (await system.AddWorkerAsync(slots), await system.AddWorkerAsync(slots));
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady && new[] { first, second }.All(w => w.Report().Serving.Sum(s => s.Replicas) == slots));
        return (ingress, first, second);
    }
}
