using ServerlessLoki.Azure.EndToEnd.Tests.Setup;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>Two workers, of which one dies: the other serves what it served.</summary>
public sealed class SurvivorTests(SharedSystem shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_KilledBesideAnother_ItsPlacesAreTakenWhenTheirLeasesExpireAndNothingIsLost()
    {
        var system = await shared.SystemAsync();
        var victim = await NameAsync(system);
        await HoldsAsync(system, victim);
        await using var first = await system.StartSuccessorAsync(Token);
        var survivor = await NameAsync(system);
        Assert.NotEqual(victim, survivor);
        await system.EventuallyAsync(
            async () => (await system.State.LeasesAsync($"worker/cpu/{survivor}", DateTimeOffset.UtcNow, Token)).Count == 1, "the second worker has registered", Token);
        var ids = new List<string>();
        await system.RunsUnderWayAsync(40, ids);
        await HoldsAsync(system, victim);

        await first.KillAsync();

        // A dead worker gives nothing back: its places are free when their leases have expired.
        await system.EventuallyAsync(
            async () => await PlacesAsync(system) is { Count: > 0 } places && places.All(p => p.Owner == survivor) && await system.IsFollowedAsync(Token),
            "the survivor serves the whole plan", Token);
        await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
        await system.QueuesEmptyAsync();
        await system.ReadyAsync(Token);
    }

    private static async Task<string> NameAsync(TestSystem system)
    {
        string? name = null;
        await system.EventuallyAsync(async () => (name = await system.WorkerNameAsync(Token)) is not null, "the worker has started", Token);
        return name!;
    }

    private static Task HoldsAsync(TestSystem system, string worker) =>
        system.EventuallyAsync(async () => (await PlacesAsync(system)).Any(p => p.Owner == worker), $"{worker} holds places", Token);

    private static async Task<IReadOnlyList<PlaceLease>> PlacesAsync(TestSystem system) => await system.State.LeasesAsync("place/", DateTimeOffset.UtcNow, Token);
}
