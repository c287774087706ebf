using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

/// <summary>A broker with a data folder that is killed and started again on its ports.</summary>
public sealed class BrokerDeathTests
{
    private static CancellationToken Stop => TestBus.Stop;

    [Fact]
    public async Task Killed_EverythingIsThereAgainAndClientsConnectByThemselves()
    {
        using var folder = new TempFolder();
        await using var first = await BrokerProcess.StartAsync(folder.Path);
        await using var client = first.Client();
        var admin = first.Admin();
        await admin.CreateQueueAsync(new CreateQueueOptions(TestBus.Queue) { RequiresDuplicateDetection = true, MaxDeliveryCount = 3, UserMetadata = "m" }, Stop);
        await admin.CreateQueueAsync("deleted", Stop);
        await admin.DeleteQueueAsync("deleted", Stop);
        var (sender, receiver) = (client.CreateSender(TestBus.Queue), client.CreateReceiver(TestBus.Queue));
        foreach (var id in (string[])["completed", "held", "abandoned", "poison", "ready"])
            await sender.SendMessageAsync(new ServiceBusMessage(id) { MessageId = id }, Stop);
        var taken = new Dictionary<string, ServiceBusReceivedMessage>(StringComparer.Ordinal);
        while (taken.Count < 4)
        {
            if (await receiver.ReceiveMessageAsync(cancellationToken: Stop) is { } message)
                taken.Add(message.MessageId, message);
        }

        await receiver.CompleteMessageAsync(taken["completed"], Stop);
        await receiver.AbandonMessageAsync(taken["abandoned"], new Dictionary<string, object> { ["why"] = 1 }, Stop);
        await receiver.DeadLetterMessageAsync(taken["poison"], "Poison", "Why.", Stop);
        var later = await sender.ScheduleMessageAsync(new ServiceBusMessage("later") { MessageId = "later" }, DateTimeOffset.UtcNow.AddHours(1), Stop);

        await first.KillAsync();
        await using var second = await first.StartAgainAsync(folder.Path);

        // The same clients, whose connections are gone.
        await sender.SendMessageAsync(new ServiceBusMessage("again") { MessageId = "completed" }, Stop);
        var counts = (await admin.GetQueueRuntimePropertiesAsync(TestBus.Queue, Stop)).Value;
        Assert.Equal((3, 1, 1), (counts.ActiveMessageCount, counts.ScheduledMessageCount, counts.DeadLetterMessageCount));
        Assert.Equal((3, "m"), ((await admin.GetQueueAsync(TestBus.Queue, Stop)).Value.MaxDeliveryCount, (await admin.GetQueueAsync(TestBus.Queue, Stop)).Value.UserMetadata));
        Assert.False((await admin.QueueExistsAsync("deleted", Stop)).Value);
        // Locks outlive the broker as well as the connection.
        await receiver.RenewMessageLockAsync(taken["held"], Stop);
        await receiver.CompleteMessageAsync(taken["held"], Stop);
        await sender.CancelScheduledMessageAsync(later, Stop);
        var abandoned = await receiver.ReceiveMessageAsync(cancellationToken: Stop);
        Assert.Equal(("abandoned", 2, 1), (abandoned.MessageId, abandoned.DeliveryCount, abandoned.ApplicationProperties["why"]));
        Assert.Equal(("ready", 1), await ReceivedAsync(receiver));
        var dead = await client.CreateReceiver(TestBus.Queue + "/$deadletterqueue").ReceiveMessageAsync(cancellationToken: Stop);
        Assert.Equal(("poison", "Poison", "Why."), (dead.MessageId, dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal(0, await second.StopAsync());
    }

    [Fact]
    public async Task KilledAgainAndAgain_UnderLoad_EachMessageIsThereOnce()
    {
        using var folder = new TempFolder();
        var broker = await BrokerProcess.StartAsync(folder.Path);
        try
        {
            await broker.Admin().CreateQueueAsync(
                new CreateQueueOptions(TestBus.Queue) { RequiresDuplicateDetection = true, DuplicateDetectionHistoryTimeWindow = TimeSpan.FromHours(1), MaxDeliveryCount = 1000 }, Stop);
            var options = new ServiceBusClientOptions { RetryOptions = { MaxRetries = 50, Delay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromMilliseconds(500) } };
            await using var client = new ServiceBusClient(broker.Connection, options);
            var acknowledged = 0;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var sending = Task.Run(async () =>
            {
                var sender = client.CreateSender(TestBus.Queue);
                while (!enough.IsCancellationRequested)
                {
                    await sender.SendMessageAsync(new ServiceBusMessage(new byte[500]) { MessageId = $"{acknowledged}" }, Stop);
                    Interlocked.Increment(ref acknowledged);
                }
            }, Stop);
            for (var i = 0; i < 3; i++)
            {
                var before = Volatile.Read(ref acknowledged);
                await Eventually.Holds(() => Task.FromResult(Volatile.Read(ref acknowledged) > before + 100), "messages are sent");
                await broker.KillAsync();
                var again = await broker.StartAgainAsync(folder.Path);
                await broker.DisposeAsync();
                broker = again;
            }

            await enough.CancelAsync();
            await sending;

            var ids = new List<string>();
            var receiver = client.CreateReceiver(TestBus.Queue);
            for (var next = 0L; await receiver.PeekMessagesAsync(200, next, Stop) is { Count: > 0 } page; next = page[^1].SequenceNumber + 1)
                ids.AddRange(page.Select(static m => m.MessageId));
            Assert.Equal(Enumerable.Range(0, acknowledged).Select(static i => $"{i}"), ids);
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task Restarted_InOrder_KeepsWhatIsInTheFolder()
    {
        using var folder = new TempFolder();
        await using var first = await BrokerProcess.StartAsync(folder.Path);
        await using var client = first.Client();
        await first.Admin().CreateQueueAsync(TestBus.Queue, Stop);
        await client.CreateSender(TestBus.Queue).SendMessageAsync(new ServiceBusMessage("a"), Stop);

        Assert.Equal(0, await first.StopAsync());
        await using var second = await first.StartAgainAsync(folder.Path);

        Assert.Equal("a", (await client.CreateReceiver(TestBus.Queue).ReceiveMessageAsync(cancellationToken: Stop)).Body.ToString());
    }

    [Fact]
    public async Task Folder_UsedByAnotherBroker_IsRefused()
    {
        using var folder = new TempFolder();
        await using var first = await BrokerProcess.StartAsync(folder.Path);

        using var second = BrokerProcess.Run("--amqp-port", "0", "--admin-port", "0", "--data", folder.Path);
        var error = await second.StandardError.ReadToEndAsync(Stop);
        await second.WaitForExitAsync(Stop);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("cannot start", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_Wrong_AreAllTold()
    {
        using var broker = BrokerProcess.Run("--amqp-port", "70000", "--admin-port", "x", "--dta", "--data");
        var error = await broker.StandardError.ReadToEndAsync(Stop);
        await broker.WaitForExitAsync(Stop);

        Assert.Equal(2, broker.ExitCode);
        foreach (var fault in (string[])["--amqp-port is '70000'", "--admin-port is 'x'", "'--dta' is no argument", "--data: nothing follows"])
            Assert.Contains(fault, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_Taken_IsRefused()
    {
        await using var first = await BrokerProcess.StartAsync();
        var port = ServiceBusConnectionStringProperties.Parse(first.Connection).Endpoint.Port;

        using var second = BrokerProcess.Run("--amqp-port", $"{port}", "--admin-port", "0");
        var error = await second.StandardError.ReadToEndAsync(Stop);
        await second.WaitForExitAsync(Stop);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("cannot start", error, StringComparison.Ordinal);
    }

    private static async Task<(string Id, int Deliveries)> ReceivedAsync(ServiceBusReceiver receiver)
    {
        var message = await receiver.ReceiveMessageAsync(cancellationToken: Stop);
        return (message.MessageId, message.DeliveryCount);
    }
}
