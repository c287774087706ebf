using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Stamp of one answer to one item, computed from its content.</summary>
/// <remarks>An item that is served twice (its worker died before it could say that it was done) may be served by another variant, or in
/// another batch with the last bit different, and then have other children. Children carry the stamp of the answer that they were cut
/// from: so those of two answers are never mixed.</remarks>
internal static class AnswerStamp
{
    /// <summary>Computes the stamp of a variant's output for one item.</summary>
    /// <param name="variant">Variant name.</param>
    /// <param name="rows">Output rows of the item.</param>
    /// <param name="tensor">Packed tensors that the task hands on; empty where there are none.</param>
    public static ulong Of(string variant, ReadOnlySpan<OutputRow> rows, ReadOnlySpan<byte> tensor)
    {
        var stamp = Over(HashRandom.Golden, MemoryMarshal.AsBytes(variant.AsSpan()));
        foreach (ref readonly var row in rows)
        {
            stamp = Add(stamp, (uint)row.Label);
            stamp = Add(stamp, Bits(row.Score, row.X1));
            stamp = Add(stamp, Bits(row.Y1, row.X2));
            stamp = Add(stamp, Bits(row.Y2, 0));
            if (row.Points is { } points)
                stamp = Over(stamp, MemoryMarshal.AsBytes(points.Values.AsSpan()));
        }

        return Over(Add(stamp, (ulong)rows.Length), tensor);
    }

    private static ulong Bits(float a, float b) => ((ulong)BitConverter.SingleToUInt32Bits(a) << 32) | BitConverter.SingleToUInt32Bits(b);

    private static ulong Over(ulong stamp, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            stamp = Add(stamp, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            stamp = Add(stamp, b);
        return stamp;
    }

    private static ulong Add(ulong stamp, ulong value) => HashRandom.Mix((stamp ^ value) + HashRandom.Golden);
}
