using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.Worker;

/// <summary>Places of the plan: who claims, keeps, loses and gives back which, while queries go on.</summary>
public sealed class WorkerPlacesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_Worker_ItsPlacesAreClaimedByAnother()
    {
        await using var system = new RemoteSystem();
        var (_, first, second) = await system.StartAsync();
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
        var (ingress, _, _) = await system.StartAsync();
        var stop = false;
        var load = Task.Run(
            async () =>
            {
                var results = new List<QueryResult>();
                while (!Volatile.Read(ref stop))
                {
                    results.AddRange(await RemoteSystem.AskManyAsync(ingress, 5));
                    await Task.Delay(5, Token);
                }

                return results;
            }, Token);
        foreach (var size in (string[])["s", "l", "s"])
            await system.SwitchAsync(ingress, size, 2);

        Volatile.Write(ref stop, true);
        var results = await load;
        Assert.All(results, r => Assert.Equal((QueryOutcome.Completed, 2), (r.Outcome, r.Answers.Count)));
        Assert.Equal([0, 1], results.SelectMany(r => r.Answers).Select(a => a.Variant).Distinct().Order());
        await RemoteSystem.UntilAsync(() => system.Broker.Waiting == 0);
        Assert.Equal(4, (await system.State.ReadDocumentAsync(PlanDocument.Name, Token)) is { } stored ? PlanDocument.Parse(stored.Json).Plan.Version : 0);
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
        var ingress = await system.AddReadyIngressAsync();
        Assert.Equal(QueryOutcome.Completed, (await RemoteSystem.AskAsync(ingress)).Outcome);
    }

    [Fact]
    public async Task Dispose_Worker_GivesBackItsPlacesAndWhatWaits()
    {
        await using var system = new RemoteSystem();
        var (ingress, first, _) = await system.StartAsync();
        var asked = RemoteSystem.AskManyAsync(ingress, 40);
        await first.DisposeAsync();
        Assert.DoesNotContain("w0", (await system.State.LeasesAsync("", DateTimeOffset.UtcNow, Token)).Select(l => l.Owner));
        Assert.All(await asked, r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
    }
}
