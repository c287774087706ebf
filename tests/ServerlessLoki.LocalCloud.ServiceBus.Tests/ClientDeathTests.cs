using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

/// <summary>Clients that are killed without a word.</summary>
public sealed class ClientDeathTests
{
    private static CancellationToken Stop => TestBus.Stop;

    [Fact]
    public async Task Receiver_Killed_GivesBackAtLockExpiryAndNothingIsLost()
    {
        await using var bus = await TestBus.WithQueueAsync();
        for (var i = 0; i < 20; i++)
            await bus.SendAsync($"{i}");
        using var child = ChildProcess.Start("receiver", bus.Broker.ConnectionString);
        Assert.Equal("0", await child.StandardOutput.ReadLineAsync(Stop));
        Assert.Equal("1", await child.StandardOutput.ReadLineAsync(Stop));

        child.Kill();
        await child.WaitForExitAsync(Stop);
        var locked = await UnlockedAsync(bus);

        Assert.InRange(locked.Count, 2, 20);
        bus.Time.Advance(TimeSpan.FromSeconds(30));
        var again = await bus.TakeAsync(locked.Count);
        Assert.Equal(locked, again.Select(static m => m.Body.ToString()).ToHashSet());
        Assert.All(again, static m => Assert.Equal(2, m.DeliveryCount));
    }

    [Fact]
    public async Task Sender_Killed_EveryAcknowledgedMessageIsThere()
    {
        await using var bus = await TestBus.WithQueueAsync();
        using var child = ChildProcess.Start("sender", bus.Broker.ConnectionString);
        var acknowledged = new List<string>();
        while (acknowledged.Count < 50)
            acknowledged.Add((await child.StandardOutput.ReadLineAsync(Stop))!);

        child.Kill();
        while (await child.StandardOutput.ReadLineAsync(Stop) is { } more)
            acknowledged.Add(more);

        var there = new List<string>();
        while (await bus.Receiver.PeekMessagesAsync(100, there.Count + 1, Stop) is { Count: > 0 } page)
            there.AddRange(page.Select(static m => m.Body.ToString()));
        Assert.Equal(Enumerable.Range(0, there.Count).Select(static i => $"{i}"), there);
        // The last line may be cut off, and the last message may have been stored without an acknowledgement.
        Assert.InRange(there.Count, acknowledged.Count - 1, acknowledged.Count + 1);
    }

    /// <summary>Completes all that nobody holds, until the connection of the dead is known to be gone; answers what stays locked.</summary>
    private static async Task<HashSet<string>> UnlockedAsync(TestBus bus)
    {
        while (await bus.Receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(1), Stop) is { } free)
        {
            Assert.Equal(1, free.DeliveryCount);
            await bus.Receiver.CompleteMessageAsync(free, Stop);
        }

        return [.. (await bus.Receiver.PeekMessagesAsync(100, 0, Stop)).Select(static m => m.Body.ToString())];
    }
}
