using global::Azure.Messaging.ServiceBus;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>Workers that die, messages that nobody can serve, places that are taken away: no accepted run is lost, none counts twice.</summary>
public sealed class WorkerFaultTests(SharedSystem shared)
{
    private const string Intruder = "intruder";

    /// <summary>How often a run asks for one stage.</summary>
    private const int Attempts = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_KilledWithMessagesInHand_TheyComeAgainAndEachResultCountsOnce()
    {
        var system = await shared.SystemAsync();
        var ids = new List<string>();
        await system.RunsUnderWayAsync(40, ids);
        // A stopped process settles nothing, but its connection still takes messages.
        await system.SuspendWorkerAsync(Token);
        ids.AddRange(await system.StartRunsAsync(10, ids.Count));
        await system.EventuallyAsync(
            async () => (await MessagesAsync(system, SubQueue.None)).Any(m => m.DeliveryCount > 0), "the worker holds a message", Token);
        await system.KillWorkerAsync();
        await system.StartWorkerAsync(Token);

        await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
        await system.QueuesEmptyAsync();
    }

    [Fact]
    public async Task Run_WhosePayloadIsPoison_FailsWithTheReasonAndItsMessagesArePutAside()
    {
        var system = await shared.SystemAsync();
        await system.StopWorkerAsync(Token);
        var gone = (await system.StartRunsAsync(1))[0];
        await SentAsync(system, gone);
        await system.Payloads.DeleteAsync((await system.State.FindRunAsync(gone, Token))!.Payload, Token);
        var poison = (await system.StartRunsAsync(1))[0];
        await SentAsync(system, poison);
        await system.SpoilPayloadsAsync(Token);
        await system.StartWorkerAsync(Token);

        Assert.Contains("gone from the store", await FailureAsync(system, gone), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await FailureAsync(system, poison), StringComparison.Ordinal);
        var letters = (await MessagesAsync(system, SubQueue.DeadLetter)).Where(l => IsOf(l, poison)).ToList();
        Assert.Equal(Attempts, letters.Count);
        Assert.All(letters, l => Assert.Equal("PoisonBody", l.DeadLetterReason));
        await system.ReadyAsync(Token);
    }

    [Fact]
    public async Task Message_GivenBackTooOften_IsPutAsideAndItsRunTriesAgain()
    {
        const int MaxDeliveries = 5;
        var system = await shared.SystemAsync();
        await system.QueuesEmptyAsync();
        await system.StopWorkerAsync(Token);
        var ids = await system.StartRunsAsync(1);
        await SentAsync(system, ids[0]);
        var queue = (await system.StageQueuesAsync(Token)).Single(q => q.ActiveMessageCount > 0).Name;
        await using (var receiver = system.Bus.CreateReceiver(queue))
        {
            for (var delivery = 1; delivery <= MaxDeliveries; delivery++)
            {
                var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30), Token);
                Assert.Equal(delivery, message.DeliveryCount);
                await receiver.AbandonMessageAsync(message, cancellationToken: Token);
            }
        }

        var letter = Assert.Single(await MessagesAsync(system, SubQueue.DeadLetter), l => IsOf(l, ids[0]));
        Assert.Equal("MaxDeliveryCountExceeded", letter.DeadLetterReason);
        await system.StartWorkerAsync(Token);
        await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
    }

    [Fact]
    public async Task Lease_LostToAnother_WorkerStopsServingThePlaceAndNothingIsLost()
    {
        var system = await shared.SystemAsync();
        // The place of a variant that the plan left lives a moment longer than its slot.
        PlaceLease? place = null;
        await system.EventuallyAsync(
            async () =>
            {
                var (_, serves) = await system.WorkerServesAsync(Token);
                place = (await system.State.LeasesAsync("place/traffic/detect/", DateTimeOffset.UtcNow, Token)).FirstOrDefault(l => serves.Contains(VariantOf(l)));
                return place is not null && await system.IsAtRestAsync(Token);
            },
            "the worker serves a place that it holds", Token);
        var variant = VariantOf(place!);
        await system.State.ReleaseAsync(place!.Place, place.Owner, Token);
        Assert.True(await system.State.ClaimAsync(place.Place, Intruder, DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5), Token));
        try
        {
            await system.EventuallyAsync(async () => !(await system.WorkerServesAsync(Token)).Variants.Contains(variant), "the worker gives the place up", Token);
            var ids = await system.StartRunsAsync(10);
            await system.State.ReleaseAsync(place.Place, Intruder, Token);
            await system.EventuallyAsync(async () => (await system.WorkerServesAsync(Token)).Variants.Contains(variant), "the worker takes the place again", Token);
            await system.AssertCompletedAsync(ids, await shared.ReferenceAsync());
        }
        finally
        {
            await system.State.ReleaseAsync(place.Place, Intruder, CancellationToken.None);
        }
    }

    private static string VariantOf(PlaceLease place) => place.Place.Split('/')[3];

    private static Task SentAsync(TestSystem system, string run) => system.EventuallyAsync(
        async () => (await MessagesAsync(system, SubQueue.None)).Any(m => IsOf(m, run)), "the run's root stage is sent", Token);

    private static bool IsOf(ServiceBusReceivedMessage message, string run) => (string)message.ApplicationProperties["query"] == run;

    private static async Task<string> FailureAsync(TestSystem system, string id)
    {
        var run = await system.EndOfRunAsync(id);
        Assert.Equal("failed", run.GetProperty("state").GetString());
        return run.GetRawText();
    }

    /// <summary>What lies in all stage queues, or was put aside there.</summary>
    private static async Task<IReadOnlyList<ServiceBusReceivedMessage>> MessagesAsync(TestSystem system, SubQueue part)
    {
        var messages = new List<ServiceBusReceivedMessage>();
        foreach (var queue in await system.StageQueuesAsync(Token))
        {
            await using var receiver = system.Bus.CreateReceiver(queue.Name, new ServiceBusReceiverOptions { SubQueue = part });
            messages.AddRange(await receiver.PeekMessagesAsync(100, cancellationToken: Token));
        }

        return messages;
    }
}
