using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus;

public sealed class ServiceBusMessageBatch : IDisposable
{
    private readonly List<BrokerMessage> _messages = [];

    internal ServiceBusMessageBatch(long maxSizeInBytes) => MaxSizeInBytes = maxSizeInBytes;

    public int Count => _messages.Count;

    public long MaxSizeInBytes { get; }

    public long SizeInBytes { get; private set; }

    internal BrokerMessage[] Messages => [.. _messages];

    public bool TryAddMessage(ServiceBusMessage message)
    {
        var wire = BrokerMessage.From(message);
        if (SizeInBytes + wire.SizeInBytes > MaxSizeInBytes)
            return false;
        _messages.Add(wire);
        SizeInBytes += wire.SizeInBytes;
        return true;
    }

    public void Dispose() => _messages.Clear();
}
