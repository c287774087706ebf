using System.Buffers.Binary;
using Microsoft.Azure.Amqp;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Check of encoded values before the library decodes them: its recursion has no limit on nesting.</summary>
internal static class ValueGuard
{
    private const int MaxDepth = 32;
    private const byte Described = 0x00;

    /// <summary>Checks a message: one value after the other.</summary>
    /// <exception cref="AmqpException">The bytes are malformed or nested too deeply.</exception>
    public static void CheckAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[Check(bytes, 0)..];
    }

    /// <summary>Checks the value at the beginning of the bytes.</summary>
    /// <exception cref="AmqpException">The bytes are malformed or nested too deeply.</exception>
    public static void CheckFirst(ReadOnlySpan<byte> bytes) => Check(bytes, 0);

    private static int Check(ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > MaxDepth)
            throw Bad($"values are nested more than {MaxDepth} deep");
        Need(bytes, 1);
        if (bytes[0] != Described)
            return 1 + CheckValue(bytes[0], bytes[1..], depth);
        var descriptor = Check(bytes[1..], depth + 1);
        return 1 + descriptor + Check(bytes[(1 + descriptor)..], depth + 1);
    }

    /// <summary>Checks a value and returns its length without the format code, whose high half gives the storage form.</summary>
    private static int CheckValue(byte format, ReadOnlySpan<byte> bytes, int depth)
    {
        var length = (format >> 4) switch
        {
            0x4 => 0,
            0x5 => 1,
            0x6 => 2,
            0x7 => 4,
            0x8 => 8,
            0x9 => 16,
            0xA or 0xC or 0xE => 1 + Size(bytes, 1),
            0xB or 0xD or 0xF => 4 + Size(bytes, 4),
            _ => throw Bad($"0x{format:X2} is no format code"),
        };
        Need(bytes, length);
        switch (format >> 4)
        {
            case 0xC or 0xD:
                var width = format >> 4 == 0xC ? 1 : 4;
                CheckItems(bytes[width..length], width, depth);
                break;
            case 0xE or 0xF:
                CheckArray(bytes[..length], format >> 4 == 0xE ? 1 : 4);
                break;
            default:
                break;
        }

        return length;
    }

    private static void CheckItems(ReadOnlySpan<byte> bytes, int width, int depth)
    {
        var count = Size(bytes, width);
        bytes = bytes[width..];
        for (; count > 0; count--)
            bytes = bytes[Check(bytes, depth + 1)..];
    }

    /// <summary>Checks an array of numbers, symbols and the like; clients send no arrays of lists.</summary>
    private static void CheckArray(ReadOnlySpan<byte> bytes, int width)
    {
        var count = Size(bytes[width..], width);
        Need(bytes, (width * 2) + 1);
        var format = bytes[width * 2];
        if (format == Described || format >> 4 >= 0xC || count > bytes.Length)
            throw Bad("an array of what is not stored by itself");
    }

    private static int Size(ReadOnlySpan<byte> bytes, int width)
    {
        Need(bytes, width);
        var size = width == 1 ? bytes[0] : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return size <= int.MaxValue / 2 ? (int)size : throw Bad("a size that no frame has");
    }

    private static void Need(ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length < length)
            throw Bad("a value is longer than what holds it");
    }

    private static AmqpException Bad(string what) => new(AmqpErrorCode.DecodeError, $"What was sent cannot be read: {what}.");
}
