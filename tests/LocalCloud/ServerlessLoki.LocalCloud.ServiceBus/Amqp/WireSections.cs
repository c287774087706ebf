using System.Buffers.Binary;
using Microsoft.Azure.Amqp;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Positions of the sections in an encoded message, so that unchanged sections are passed on as bytes.</summary>
/// <remarks>A section is <c>0x00</c>, a descriptor (small or full ulong), and a value. Those before the body are lists and maps,
/// which say how long they are; the body goes on to the end.</remarks>
internal readonly record struct WireSections(Range Header, Range MessageAnnotations, Range Properties, Range ApplicationProperties, Range Body)
{
    private const ulong HeaderCode = 0x70;
    private const ulong DeliveryAnnotationsCode = 0x71;
    private const ulong MessageAnnotationsCode = 0x72;
    private const ulong PropertiesCode = 0x73;
    private const ulong ApplicationPropertiesCode = 0x74;
    private const ulong FirstBodyCode = 0x75;
    private const ulong LastCode = 0x78;

    /// <exception cref="AmqpException">This is no message.</exception>
    public static WireSections Of(ReadOnlySpan<byte> wire)
    {
        var sections = default(WireSections);
        var at = 0;
        var last = 0UL;
        while (at < wire.Length)
        {
            var code = Descriptor(wire[at..], out var valueAt);
            if (code <= last || code > LastCode)
                throw Bad($"section 0x{code:X} at byte {at}");
            last = code;
            if (code >= FirstBodyCode)
                return sections with { Body = at.. };
            var end = at + valueAt + ValueLength(wire[(at + valueAt)..]);
            if (end > wire.Length)
                throw Bad($"section 0x{code:X} is cut off");
            sections = code switch
            {
                HeaderCode => sections with { Header = at..end },
                DeliveryAnnotationsCode => sections,
                MessageAnnotationsCode => sections with { MessageAnnotations = at..end },
                PropertiesCode => sections with { Properties = at..end },
                ApplicationPropertiesCode => sections with { ApplicationProperties = at..end },
                _ => throw Bad($"section 0x{code:X} at byte {at}"),
            };
            at = end;
        }

        return sections with { Body = wire.Length.. };
    }

    private static ulong Descriptor(ReadOnlySpan<byte> at, out int length)
    {
        switch (at)
        {
            case [0x00, 0x53, var code, _, ..]:
                length = 3;
                return code;
            case [0x00, 0x80, _, _, _, _, _, _, _, _, _, ..]:
                length = 10;
                return BinaryPrimitives.ReadUInt64BigEndian(at[2..]);
            default:
                throw Bad("no descriptor where a section should begin");
        }
    }

    /// <summary>Returns the length of a list or map with its format code and size.</summary>
    private static int ValueLength(ReadOnlySpan<byte> at) => at switch
    {
        [0x45, ..] => 1,
        [0xC0 or 0xC1, var size, ..] => 2 + size,
        [0xD0 or 0xD1, _, _, _, _, ..] when BinaryPrimitives.ReadUInt32BigEndian(at[1..]) is var size and < int.MaxValue / 2 => 5 + (int)size,
        _ => throw Bad("neither a list nor a map where one should be"),
    };

    private static AmqpException Bad(string what) => new(AmqpErrorCode.DecodeError, $"The message cannot be read: {what}.");
}
