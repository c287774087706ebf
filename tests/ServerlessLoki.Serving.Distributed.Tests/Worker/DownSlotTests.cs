using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.Worker;

/// <summary>A slot whose model is lost and cannot be loaded again is no use to the plan while it keeps its place.</summary>
public sealed class DownSlotTests
{
    private static readonly VariantId Car = new(0, 1, 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Down_Slot_AnotherWorkerTakesItsPlaceAndTheRestStays(int replicas)
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", replicas);
        var isBroken = false;
        var models = new FakeModels { OnRunner = id => _ = id == Car && Volatile.Read(ref isBroken) ? throw new InvalidDataException("no memory") : 0 };
        var first = await system.AddWorkerAsync(3 * replicas, models);
        var ingress = await system.AddIngressAsync();
        await RemoteSystem.UntilAsync(() => ingress.IsReady && Places(first) == (3 * replicas, replicas));
        var second = await system.AddWorkerAsync(3);
        Volatile.Write(ref isBroken, true);
        Assert.True(first.InjectSlotFault(first.Report().SlotStates.First(s => s.Variant == "car-l").Id));

        // The batch that throws costs the slot its model; until another worker has the place, queries may fail.
        while (Places(second) != (1, 1))
            await RemoteSystem.AskAsync(ingress);

        await RemoteSystem.UntilAsync(() => Places(first) == ((3 * replicas) - 1, replicas - 1));
        var held = await system.State.LeasesAsync("place/", DateTimeOffset.UtcNow, RemoteSystem.Token);
        Assert.Equal("w1", Assert.Single(held, l => l.Owner != "w0").Owner);
        Assert.Equal(3 * replicas, held.Count);
        Assert.Equal(QueryOutcome.Completed, (await RemoteSystem.AskAsync(ingress)).Outcome);
    }

    private static (int All, int Cars) Places(ServerlessLoki.Serving.Distributed.Worker.WorkerEngine worker)
    {
        var serving = worker.Report().Serving;
        return (serving.Sum(s => s.Replicas), serving.Where(s => s.Variant == "car-l").Sum(s => s.Replicas));
    }
}
