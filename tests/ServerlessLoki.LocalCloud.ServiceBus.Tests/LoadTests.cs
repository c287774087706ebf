using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

public sealed class LoadTests
{
    private static CancellationToken Stop => TestBus.Stop;

    [Fact]
    public async Task Connections_Hundred_EachMessageComesOnce()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var clients = Enumerable.Range(0, 100).Select(_ => new ServiceBusClient(bus.Broker.ConnectionString)).ToArray();
        try
        {
            await Task.WhenAll(clients.Select(static async (client, i) =>
            {
                await using var sender = client.CreateSender(TestBus.Queue);
                for (var n = 0; n < 5; n++)
                    await sender.SendMessageAsync(new ServiceBusMessage($"{i}/{n}"), Stop);
            }));
            Assert.Equal(500, (await bus.CountsAsync()).ActiveMessageCount);

            var taken = await Task.WhenAll(clients.Select(static async client =>
            {
                await using var receiver = client.CreateReceiver(TestBus.Queue);
                var mine = new List<ServiceBusReceivedMessage>();
                while (mine.Count < 5)
                {
                    var more = await receiver.ReceiveMessagesAsync(5 - mine.Count, TimeSpan.FromSeconds(60), Stop);
                    Assert.NotEmpty(more);
                    foreach (var message in more)
                        await receiver.CompleteMessageAsync(message, Stop);
                    mine.AddRange(more);
                }

                return mine;
            }));

            Assert.Equal(500, taken.SelectMany(static t => t).Select(static m => m.Body.ToString()).Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(0, (await bus.CountsAsync()).TotalMessageCount);
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Broker_IsDisposed_WithWaitingClients_EndsAtOnce()
    {
        var bus = await TestBus.WithQueueAsync();
        var receiving = bus.Receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(60), Stop);
        await bus.SendAsync("a");
        await receiving;
        var waiting = bus.Receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(1), Stop);

        await bus.Broker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Stop);

        Assert.Null(await Record.ExceptionAsync(() => waiting.WaitAsync(TimeSpan.FromSeconds(60), Stop)) as TimeoutException);
        await bus.DisposeAsync();
    }
}
