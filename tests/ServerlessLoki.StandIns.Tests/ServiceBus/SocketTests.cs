using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Azure.Messaging.ServiceBus.Broker;

namespace ServerlessLoki.StandIns.Tests.ServiceBus;

public sealed class SocketTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"sb-{Guid.NewGuid():N}.sock");
    private BrokerServer _server;

    public SocketTests() => _server = new BrokerServer(_path, new MessageBroker(_time));

    private string ConnectionString => $"Endpoint=sb://unix{_path};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Message_OverTheSocket_ArrivesWholeAndIsSettled()
    {
        await CreateAsync();
        await using var client = Client();
        var sent = new ServiceBusMessage(new byte[] { 1, 2, 3 }) { MessageId = "id", Subject = "s", TimeToLive = TimeSpan.FromMinutes(1) };
        foreach (var value in new object[] { "t", true, 1, 2L, 0.5, Guid.Empty, _time.GetUtcNow() })
            sent.ApplicationProperties[value.GetType().Name] = value;
        await client.CreateSender("q").SendMessageAsync(sent);
        var receiver = client.CreateReceiver("q");

        var got = await receiver.ReceiveMessageAsync();

        Assert.Equal([1, 2, 3], got.Body.ToArray());
        Assert.Equal(("id", "s", null, TimeSpan.FromMinutes(1)), (got.MessageId, got.Subject, got.To, got.TimeToLive));
        Assert.Equal(sent.ApplicationProperties, got.ApplicationProperties);
        await receiver.RenewMessageLockAsync(got);
        await receiver.DeadLetterMessageAsync(got, "Why", "Because.");
        var counts = (await new ServiceBusAdministrationClient(ConnectionString).GetQueueRuntimePropertiesAsync("q")).Value;
        Assert.Equal((0, 1), (counts.ActiveMessageCount, counts.DeadLetterMessageCount));
        Assert.Equal("Because.", (await client.CreateReceiver("q/$DeadLetterQueue").ReceiveMessageAsync()).DeadLetterErrorDescription);
    }

    [Fact]
    public async Task Refusal_OverTheSocket_KeepsItsReason()
    {
        await using var client = Client();

        var refused = await Assert.ThrowsAsync<ServiceBusException>(() => client.CreateSender("none").SendMessageAsync(new ServiceBusMessage("a")));

        Assert.Equal((ServiceBusFailureReason.MessagingEntityNotFound, "none"), (refused.Reason, refused.EntityPath));
    }

    [Fact]
    public async Task Client_Dies_ItsWaitTakesNothingAndItsLocksExpire()
    {
        await CreateAsync();
        var dying = Client();
        await using var other = Client();
        await other.CreateSender("q").SendMessageAsync(new ServiceBusMessage("a"));
        Assert.NotNull(await dying.CreateReceiver("q").ReceiveMessageAsync());
        var waiting = dying.CreateReceiver("q").ReceiveMessageAsync();

        await dying.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
        await other.CreateSender("q").SendMessageAsync(new ServiceBusMessage("b"));
        var receiver = other.CreateReceiver("q");
        Assert.Equal("b", (await receiver.ReceiveMessageAsync()).Body.ToString());
        var expired = receiver.ReceiveMessageAsync();
        _time.Advance(TimeSpan.FromMinutes(1));

        var again = await expired;
        Assert.Equal(("a", 2), (again.Body.ToString(), again.DeliveryCount));
    }

    [Fact]
    public async Task Receive_Cancelled_EndsAtTheBrokerToo()
    {
        await CreateAsync();
        await using var client = Client();
        using var cancel = new CancellationTokenSource();
        var waiting = client.CreateReceiver("q").ReceiveMessageAsync(null, cancel.Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("a"));

        Assert.Equal(1, (await client.CreateReceiver("q").ReceiveMessageAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Broker_Restarts_ClientConnectsAgain()
    {
        await CreateAsync();
        await using var client = Client();
        await client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("a"));

        await _server.DisposeAsync();
        _server = new BrokerServer(_path, new MessageBroker(_time));
        await CreateAsync();
        await client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("b"));

        Assert.Equal("b", (await client.CreateReceiver("q").ReceiveMessageAsync()).Body.ToString());
    }

    [Fact]
    public async Task Broker_Gone_IsATransientFailure()
    {
        await using var client = Client();
        await _server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<ServiceBusException>(() => client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("a")));

        Assert.Equal((ServiceBusFailureReason.ServiceCommunicationProblem, true), (failure.Reason, failure.IsTransient));
    }

    [Fact]
    public async Task ManyCalls_AtOnce_AreToldApart()
    {
        await CreateAsync();
        await using var client = Client();
        var sender = client.CreateSender("q");
        var receiver = client.CreateReceiver("q");

        var receiving = Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            var message = await receiver.ReceiveMessageAsync();
            await receiver.CompleteMessageAsync(message);
            return message.Body.ToString();
        }));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => sender.SendMessageAsync(new ServiceBusMessage($"{i}"))));

        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}").Order(StringComparer.Ordinal), (await receiving).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Process_OfItsOwn_ServesAndStopsBySignal()
    {
        var path = _path + "2";
        await using var process = await BrokerProcess.StartAsync(path);
        await using var client = new ServiceBusClient($"Endpoint=sb://unix{path}");
        await new ServiceBusAdministrationClient($"Endpoint=sb://unix{path}").CreateQueueAsync("q");
        await client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("a"));

        Assert.Equal("a", (await client.CreateReceiver("q").ReceiveMessageAsync()).Body.ToString());
        Assert.Equal(0, await process.StopAsync());
        Assert.False(File.Exists(path));
    }

    private ServiceBusClient Client() => new(
        ConnectionString, new ServiceBusClientOptions { RetryOptions = new ServiceBusRetryOptions { Delay = TimeSpan.FromMilliseconds(5), MaxRetries = 2 } });

    private async Task CreateAsync() => await new ServiceBusAdministrationClient(ConnectionString).CreateQueueAsync("q");
}
