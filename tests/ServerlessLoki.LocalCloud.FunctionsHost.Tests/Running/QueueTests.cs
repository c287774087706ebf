using Azure.Messaging.ServiceBus;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Running;

/// <summary>Messages of a real broker, given to functions by the real client.</summary>
public sealed class QueueTests(TestCloud cloud)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("complete", "complete-1")]
    [InlineData("abandon", "abandon-2")]
    [InlineData("throw", "throw-2")]
    [InlineData("renew", "renew-1")]
    [InlineData("long", "long-1")]
    public async Task Message_IsSettledAsTheFunctionSays(string order, string delivery)
    {
        var host = await cloud.HostAsync();
        await SendAsync(cloud, "orders", order);
        await host.HasSeenAsync($"{order}-completed");
        Assert.Equal(1, await host.SeenAsync(delivery));
        await IsEmptyAsync(cloud, "orders");
    }

    [Fact]
    public async Task Message_PutAside_IsADeadLetterWithItsReason()
    {
        await cloud.HostAsync();
        await SendAsync(cloud, "orders", "deadletter");
        await using var client = cloud.Client();
        await using var receiver = client.CreateReceiver("orders", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var letter = await receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.Equal(("deadletter", "poison", "put aside on purpose"), (letter.Body.ToString(), letter.DeadLetterReason, letter.DeadLetterErrorDescription));
        await receiver.CompleteMessageAsync(letter, Stop);
    }

    [Fact]
    public async Task Queue_MadeAfterTheHostStarted_IsReadThenAndItsMessagesAreCompletedByTheHost()
    {
        var host = await cloud.HostAsync();
        await host.SaysAsync("Messages of queue autos cannot be received and are tried for again (MessagingEntityNotFound)");
        await cloud.Queues().CreateQueueAsync("autos", Stop);
        await SendAsync(cloud, "autos", "first");
        await host.HasSeenAsync("auto-first");
        await IsEmptyAsync(cloud, "autos");
        Assert.Equal(1, await host.SeenAsync("auto-first"));
    }

    [Fact]
    public async Task Broker_Restarted_MessagesAreReceivedAgain()
    {
        // Other tests need theirs meanwhile.
        await using var own = new TestCloud();
        var host = await own.HostAsync();
        await SendAsync(own, "orders", "before");
        await host.HasSeenAsync("before-completed");
        await own.RestartBusAsync(away: TimeSpan.FromSeconds(2));
        await SendAsync(own, "orders", "after");
        await host.HasSeenAsync("after-completed");
        await IsEmptyAsync(own, "orders");
    }

    private static async Task SendAsync(TestCloud cloud, string queue, string body)
    {
        await using var client = cloud.Client();
        await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage(body), Stop);
    }

    private static Task IsEmptyAsync(TestCloud cloud, string queue) => Eventually.HoldsAsync(
        async () => (await cloud.Queues().GetQueueRuntimePropertiesAsync(queue, Stop)).Value.TotalMessageCount == 0, () => $"queue {queue} is empty");
}
