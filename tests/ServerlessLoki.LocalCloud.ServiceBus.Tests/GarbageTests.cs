using System.Buffers.Binary;
using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

/// <summary>What comes to the AMQP port and is none: the connection is closed, and others do not notice.</summary>
public sealed class GarbageTests : IAsyncLifetime
{
    private readonly LineLogger _log = new();
    private LocalServiceBus _broker = null!;

    private static CancellationToken Stop => TestBus.Stop;

    public async ValueTask InitializeAsync() => _broker = await LocalServiceBus.StartAsync(
        new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0, HandshakeTimeout = TimeSpan.FromSeconds(2) }, _log, Stop);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    public static TheoryData<string, byte[]> Garbage() => new()
    {
        { "http", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray() },
        { "tls", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03] },
        { "zeros", new byte[100] },
        { "another version", "AMQP\0\0\u0009\u0001"u8.ToArray() },
        { "unknown protocol", "AMQP\u0009\u0001\0\0"u8.ToArray() },
        { "sasl, then nonsense", [.. RawConnection.SaslHeader, .. new byte[] { 0, 0, 0, 12, 2, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF }] },
        { "sasl, then a huge frame", [.. RawConnection.SaslHeader, .. new byte[] { 0x7F, 0xFF, 0xFF, 0xFF, 2, 1, 0, 0 }] },
        { "sasl, unknown mechanism", [.. RawConnection.SaslHeader, .. RawConnection.Frame(1, [0x00, 0x53, 0x41, 0xC0, 0x05, 0x01, 0xA3, 0x02, (byte)'N', (byte)'O'])] },
        { "amqp, then nonsense", [.. RawConnection.AmqpHeader, .. new byte[] { 0, 0, 0, 12, 2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF }] },
        { "amqp, then a huge frame", [.. RawConnection.AmqpHeader, .. new byte[] { 0x00, 0x02, 0x00, 0x00, 2, 0, 0, 0 }] },
        { "amqp, then a negative frame", [.. RawConnection.AmqpHeader, .. new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0 }] },
        { "amqp, then a frame of nothing", [.. RawConnection.AmqpHeader, .. new byte[] { 0, 0, 0, 0, 2, 0, 0, 0 }] },
        { "begin before open", [.. RawConnection.AmqpHeader, .. RawConnection.Begin] },
        { "open twice", [.. RawConnection.AmqpHeader, .. RawConnection.Open, .. RawConnection.Open] },
        { "huge frame when open", [.. RawConnection.AmqpHeader, .. RawConnection.Open, .. new byte[] { 0x00, 0x10, 0x00, 0x00, 2, 0, 0, 0 }] },
        { "a list that says it is larger", [.. RawConnection.AmqpHeader, .. RawConnection.Frame(0, [0x00, 0x53, 0x10, 0xD0, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])] },
        { "an unknown performative", [.. RawConnection.AmqpHeader, .. RawConnection.Open, .. RawConnection.Frame(0, [0x00, 0x53, 0x99, 0x45])] },
        { "values within values", [.. RawConnection.AmqpHeader, .. RawConnection.Frame(0, Nested())] },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Bytes_ThatAreNoAmqp_AreRefusedAndOthersServed(string what, byte[] bytes)
    {
        await using var bus = await ServedAsync();
        using var raw = await RawConnection.ToAsync(_broker);

        await raw.SendAsync(bytes);
        await raw.ClosedAsync();

        await bus.RoundTripAsync();
        await Eventually.Holds(() => Task.FromResult(!_log.Lines.IsEmpty), $"a line tells of '{what}'");
        Assert.All(_log.Lines, static l => Assert.InRange(l.Length, 1, 400));
    }

    [Fact]
    public async Task Silence_AfterConnecting_IsClosedAfterAWhile()
    {
        await using var bus = await ServedAsync();
        using var silent = await RawConnection.ToAsync(_broker);
        using var half = await RawConnection.ToAsync(_broker);
        await half.SendAsync(RawConnection.SaslHeader[..5]);
        using var unopened = await RawConnection.ToAsync(_broker);
        await unopened.SendAsync(RawConnection.AmqpHeader);

        foreach (var raw in (RawConnection[])[silent, half, unopened])
            await raw.ClosedAsync();

        await bus.RoundTripAsync();
    }

    [Fact]
    public async Task HalfClosed_SocketOfAClient_IsClosed()
    {
        using var raw = await RawConnection.ToAsync(_broker);
        await raw.SendAsync(RawConnection.AmqpHeader, RawConnection.Open);

        raw.EndSending();

        await raw.ClosedAsync();
    }

    [Fact]
    public async Task Refusals_Many_AreToldInFewLines()
    {
        for (var i = 0; i < 50; i++)
        {
            using var raw = await RawConnection.ToAsync(_broker);
            await raw.SendAsync(new byte[8]);
            await raw.ClosedAsync();
        }

        await Eventually.Holds(() => Task.FromResult(!_log.Lines.IsEmpty), "a line tells of it");
        Assert.InRange(_log.Lines.Count, 1, 25);
    }

    [Fact]
    public async Task Conversations_WithBytesChanged_HarmNobodyElse()
    {
        await using var bus = await ServedAsync();
        byte[] conversation = [.. RawConnection.AmqpHeader, .. RawConnection.Open, .. RawConnection.Begin, .. Attach(), .. Flow()];
        var random = new Random(20);
        for (var i = 0; i < 400; i++)
        {
            var bytes = (byte[])conversation.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var raw = await RawConnection.ToAsync(_broker);
            await raw.SendAsync(bytes[..random.Next(8, bytes.Length + 1)]);
        }

        await bus.RoundTripAsync();
    }

    [Fact]
    public async Task Messages_Malformed_AreRefusedAndTheLinkServesOn()
    {
        await using var bus = await ServedAsync();
        using var raw = await RawConnection.ToAsync(_broker);
        await raw.SendAsync(RawConnection.AmqpHeader, RawConnection.Open, RawConnection.Begin, AttachSender(), Transfer(0, [0x00, 0x53, 0x73, 0xC0]), Transfer(1, [1, 2, 3]));
        await raw.SendAsync(Transfer(2, [0x00, 0x53, 0x75, 0xA0, 0x01, (byte)'!']), Close());
        var answer = await raw.ClosedAsync();

        Assert.Equal("!", (await bus.Receiver.ReceiveMessageAsync(cancellationToken: Stop)).Body.ToString());
        Assert.Contains("amqp:decode-error", System.Text.Encoding.Latin1.GetString(answer), StringComparison.Ordinal);
        await bus.RoundTripAsync();
    }

    [Fact]
    public async Task Administration_Garbage_IsRefused()
    {
        await using var bus = await ServedAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_broker.AdministrationPort}") };
        foreach (var body in (string[])["", "nonsense", "<entry", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", new string('x', 100_000)])
        {
            var answer = await http.PutAsync(new Uri("/q2", UriKind.Relative), new StringContent(body), Stop);
            Assert.InRange((int)answer.StatusCode, 400, 413);
        }

        Assert.Equal(405, (int)(await http.PostAsync(new Uri("/q2", UriKind.Relative), null, Stop)).StatusCode);
        await bus.RoundTripAsync();
    }

    /// <summary>An open whose properties hold one value: described by what is described by what is described, and so on.</summary>
    private static byte[] Nested()
    {
        const int Depth = 60_000;
        byte[] fields = [0xA1, 0x01, (byte)'x', 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40];
        byte[] map = [0xD1, 0, 0, 0, 0, 0, 0, 0, 2, 0xA3, 0x01, (byte)'a', .. new byte[Depth]];
        BinaryPrimitives.WriteInt32BigEndian(map.AsSpan(1), map.Length - 5);
        byte[] body = [0x00, 0x53, 0x10, 0xD0, 0, 0, 0, 0, 0, 0, 0, 10, .. fields, .. map];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), body.Length - 8);
        return body;
    }

    /// <summary>Attach of a receiver to queue "work".</summary>
    private static byte[] Attach() => RawConnection.Frame(
        0, [0x00, 0x53, 0x12, 0xC0, 0x18, 0x07, 0xA1, 0x01, (byte)'l', 0x43, 0x41, 0x40, 0x40, 0x00, 0x53, 0x28, 0xC0, 0x07, 0x01, 0xA1, 0x04, .. "work"u8, 0x00, 0x53, 0x29, 0x45]);

    /// <summary>Attach of a sender to queue "work".</summary>
    private static byte[] AttachSender() => RawConnection.Frame(
        0, [0x00, 0x53, 0x12, 0xC0, 0x1B, 0x0A, 0xA1, 0x01, (byte)'l', 0x43, 0x42, 0x40, 0x40, 0x00, 0x53, 0x28, 0x45, 0x00, 0x53, 0x29, 0xC0, 0x07, 0x01, 0xA1, 0x04, .. "work"u8, 0x40, 0x40, 0x43]);

    private static byte[] Flow() => RawConnection.Frame(0, [0x00, 0x53, 0x13, 0xC0, 0x0B, 0x07, 0x43, 0x52, 0x64, 0x43, 0x52, 0x64, 0x43, 0x43, 0x52, 0x05]);

    private static byte[] Transfer(byte id, byte[] message) => RawConnection.Frame(
        0, [0x00, 0x53, 0x14, 0xC0, 0x08, 0x04, 0x43, 0x52, id, 0xA0, 0x01, id, 0x43, .. message]);

    private static byte[] Close() => RawConnection.Frame(0, [0x00, 0x53, 0x18, 0x45]);

    private async Task<Served> ServedAsync()
    {
        await new global::Azure.Messaging.ServiceBus.Administration.ServiceBusAdministrationClient(_broker.AdministrationConnectionString).CreateQueueAsync(TestBus.Queue, Stop);
        var served = new Served(new ServiceBusClient(_broker.ConnectionString));
        await served.RoundTripAsync();
        return served;
    }

    /// <summary>A client whose connection was there before, and must stay.</summary>
    private sealed class Served(ServiceBusClient client) : IAsyncDisposable
    {
        private readonly ServiceBusSender _sender = client.CreateSender(TestBus.Queue);
        private int _trips;

        public ServiceBusReceiver Receiver { get; } = client.CreateReceiver(TestBus.Queue);

        public async Task RoundTripAsync()
        {
            var body = $"{_trips++}";
            await _sender.SendMessageAsync(new ServiceBusMessage(body), Stop);
            var message = await Receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(60), Stop);
            Assert.Equal(body, message?.Body.ToString());
            await Receiver.CompleteMessageAsync(message, Stop);
        }

        public ValueTask DisposeAsync() => client.DisposeAsync();
    }
}
