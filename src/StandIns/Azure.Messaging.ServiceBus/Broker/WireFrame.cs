using System.Buffers.Binary;

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>One frame: length of the rest, id of the call, kind, body. Ids are the client's.</summary>
internal readonly record struct WireFrame(long Id, WireKind Kind, byte[] Body)
{
    private const int HeaderBytes = 13;
    private const int MaxBodyBytes = 64 << 20;

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + Body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Body.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), Id);
        bytes[12] = (byte)Kind;
        Body.CopyTo(bytes, HeaderBytes);
        return bytes;
    }

    /// <summary>The next frame; null at the end of the stream.</summary>
    public static async ValueTask<WireFrame?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        if (await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken) < HeaderBytes)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 0 or > MaxBodyBytes)
            throw new InvalidDataException($"A frame of {length} bytes is not from this protocol.");
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken);
        return new WireFrame(BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(4)), (WireKind)header[12], body);
    }
}

internal enum WireKind : byte
{
    Request,
    Cancel,
    Reply,

    /// <summary>The server gave the call up, as its client had asked.</summary>
    Cancelled,
}
