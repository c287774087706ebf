using System.Buffers.Binary;
using System.Text;

namespace ServerlessLoki.Serving.Models;

/// <summary>Elements of a BYTES tensor: each is preceded by its length, four bytes little-endian.</summary>
internal static class TextElements
{
    /// <summary>Lists the elements, as slices.</summary>
    /// <exception cref="ModelException">A length is beyond the end.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var length = bytes.Length < sizeof(uint) ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
            if (length > bytes.Length - sizeof(uint))
                throw new ModelException($"a BYTES tensor of {bytes.Length} bytes ends inside an element.");
            yield return bytes.Slice(sizeof(uint), (int)length);
            bytes = bytes[(sizeof(uint) + (int)length)..];
        }
    }

    /// <summary>Finds where each row begins, and where the last one ends.</summary>
    /// <param name="bytes">Bytes of all rows.</param>
    /// <param name="rows">Number of rows; all have the same number of elements.</param>
    public static int[] RowOffsets(ReadOnlyMemory<byte> bytes, int rows)
    {
        var lengths = Of(bytes).Select(static e => sizeof(uint) + e.Length).ToArray();
        var (offsets, each) = (new int[rows + 1], lengths.Length / rows);
        for (var row = 0; row < rows; row++)
            offsets[row + 1] = offsets[row] + lengths.AsSpan(row * each, each).ToArray().Sum();
        return offsets;
    }

    /// <summary>Writes an element.</summary>
    public static void Add(MemoryStream target, ReadOnlySpan<byte> utf8)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)utf8.Length);
        target.Write(length);
        target.Write(utf8);
    }

    /// <inheritdoc cref="Add(MemoryStream, ReadOnlySpan{byte})"/>
    public static void Add(MemoryStream target, string text) => Add(target, Encoding.UTF8.GetBytes(text));
}
