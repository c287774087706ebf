using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;

namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Changed application properties as bytes: their values are of AMQP types.</summary>
internal static class ChangedProperties
{
    public static byte[] Encode(IReadOnlyDictionary<string, object?> changes)
    {
        if (changes.Count == 0)
            return [];
        var map = new AmqpMap();
        foreach (var (name, value) in changes)
            map[new MapKey(name)] = value;
        using var buffer = new ByteBuffer(AmqpCodec.GetMapEncodeSize(map), autoGrow: true);
        AmqpCodec.EncodeMap(map, buffer);
        return buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).ToArray();
    }

    public static Dictionary<string, object?> Decode(byte[] bytes)
    {
        var changes = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (bytes.Length == 0)
            return changes;
        foreach (var (key, value) in AmqpCodec.DecodeMap(new ByteBuffer(bytes, 0, bytes.Length)))
            changes[key.Key.ToString()!] = value;
        return changes;
    }
}
