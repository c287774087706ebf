using System.Buffers.Binary;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Several byte strings in one: how many, the length of each, then their bytes; lengths of four bytes.</summary>
internal static class PackedRows
{
    public static byte[] Write(IReadOnlyList<ReadOnlyMemory<byte>> rows)
    {
        var packed = new byte[sizeof(int) * (1 + rows.Count) + rows.Sum(r => r.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(packed, rows.Count);
        var at = sizeof(int) * (1 + rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(sizeof(int) * (1 + i)), rows[i].Length);
            rows[i].Span.CopyTo(packed.AsSpan(at));
            at += rows[i].Length;
        }

        return packed;
    }

    /// <summary>The rows, as parts of the bytes.</summary>
    /// <exception cref="FormatException">The lengths are not those of the bytes.</exception>
    public static ReadOnlyMemory<byte>[] Read(ReadOnlyMemory<byte> packed)
    {
        var count = packed.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(packed.Span);
        var at = sizeof(int) * (1 + (long)count);
        if (count < 0 || at > packed.Length)
            throw new FormatException($"Rows of tensors in {packed.Length} bytes: found {count} of them, which do not fit.");
        var rows = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < count; i++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(packed.Span[(sizeof(int) * (1 + i))..]);
            if (length < 0 || length > packed.Length - at)
                throw new FormatException($"Rows of tensors in {packed.Length} bytes: row {i} says {length} bytes, {packed.Length - at} are left.");
            rows[i] = packed.Slice((int)at, length);
            at += length;
        }

        return at == packed.Length ? rows : throw new FormatException($"Rows of tensors in {packed.Length} bytes: {packed.Length - at} are too many.");
    }
}
