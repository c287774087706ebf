using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Several tensors in one byte sequence, for transport and for queries with several inputs.</summary>
/// <remarks>How many; then of each: name and datatype with their lengths, rank, dimensions, length, bytes. Numbers are little-endian.</remarks>
public static class TensorPack
{
    private const int MostParts = 1 << 12;
    private const int MostRank = 1 << 6;

    /// <summary>Computes the bytes that the parts take.</summary>
    public static int Size(IReadOnlyList<TensorPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var size = sizeof(int);
        foreach (var part in parts)
        {
            size = checked(size + (4 * sizeof(int)) + Encoding.UTF8.GetByteCount(part.Name) + Encoding.UTF8.GetByteCount(part.Datatype)
                + (sizeof(long) * part.Shape.Length) + part.Bytes.Length);
        }

        return size;
    }

    /// <summary>Writes the parts to new memory.</summary>
    public static byte[] Write(IReadOnlyList<TensorPart> parts)
    {
        var packed = new byte[Size(parts)];
        Write(parts, packed);
        return packed;
    }

    /// <summary>Writes the parts.</summary>
    /// <param name="parts">Tensors to write.</param>
    /// <param name="target">Memory of exactly <see cref="Size"/> bytes.</param>
    public static void Write(IReadOnlyList<TensorPart> parts, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(parts);
        target = Int(target, parts.Count);
        foreach (var part in parts)
        {
            target = Text(Text(target, part.Name), part.Datatype);
            target = Int(target, part.Shape.Length);
            foreach (var dimension in part.Shape)
            {
                BinaryPrimitives.WriteInt64LittleEndian(target, dimension);
                target = target[sizeof(long)..];
            }

            target = Int(target, part.Bytes.Length);
            part.Bytes.Span.CopyTo(target);
            target = target[part.Bytes.Length..];
        }
    }

    /// <summary>Computes the bytes that a BYTES tensor of one element takes.</summary>
    internal static int ElementSize(string name, int length) => checked(Size([new TensorPart(name, "BYTES", [1], default)]) + sizeof(int) + length);

    /// <summary>Writes a BYTES tensor directly from its only element.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="element">The element.</param>
    /// <param name="target">Memory of exactly <see cref="ElementSize"/> bytes.</param>
    internal static void WriteElement(string name, ReadOnlySpan<byte> element, Span<byte> target)
    {
        Write([new TensorPart(name, "BYTES", [1], default)], target);
        // The tensor comes last, and before it its length.
        target = target[^((2 * sizeof(int)) + element.Length)..];
        target = Int(Int(target, sizeof(int) + element.Length), element.Length);
        element.CopyTo(target);
    }

    /// <summary>Reads the parts, as slices of the bytes.</summary>
    /// <exception cref="FormatException">The bytes are malformed; says where.</exception>
    public static ImmutableArray<TensorPart> Read(ReadOnlyMemory<byte> packed)
    {
        var at = 0;
        var count = Length(packed, ref at, "count", MostParts);
        var parts = ImmutableArray.CreateBuilder<TensorPart>(count);
        for (var i = 0; i < count; i++)
        {
            var name = Encoding.UTF8.GetString(Part(packed, ref at, "name").Span);
            var datatype = Encoding.UTF8.GetString(Part(packed, ref at, "datatype").Span);
            var shape = new long[Length(packed, ref at, "rank", MostRank)];
            for (var d = 0; d < shape.Length; d++)
            {
                shape[d] = packed.Length - at >= sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(packed.Span[at..]) : -1;
                if (shape[d] < 0)
                    throw Broken(packed, at, "dimension");
                at += sizeof(long);
            }

            parts.Add(new TensorPart(name, datatype, [.. shape], Part(packed, ref at, "tensor")));
        }

        return at == packed.Length ? parts.MoveToImmutable() : throw Broken(packed, at, "end");
    }

    private static Span<byte> Int(Span<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, value);
        return target[sizeof(int)..];
    }

    private static Span<byte> Text(Span<byte> target, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, target[sizeof(int)..]);
        Int(target, length);
        return target[(sizeof(int) + length)..];
    }

    private static int Length(ReadOnlyMemory<byte> packed, ref int at, string what, int most)
    {
        var length = packed.Length - at >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(packed.Span[at..]) : -1;
        if (length < 0 || length > most)
            throw Broken(packed, at, what);
        at += sizeof(int);
        return length;
    }

    private static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> packed, ref int at, string what)
    {
        var length = Length(packed, ref at, what, packed.Length - at);
        if (length > packed.Length - at)
            throw Broken(packed, at, what);
        var part = packed.Slice(at, length);
        at += length;
        return part;
    }

    private static FormatException Broken(ReadOnlyMemory<byte> packed, int at, string what) =>
        new($"Tensors in {packed.Length} bytes: the {what} at byte {at} does not fit.");
}
