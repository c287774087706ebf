using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Queries;

/// <summary>A named tensor of one row: an input that a query brings, or an output that a model gave for it.</summary>
/// <param name="Name">The model's name of it.</param>
/// <param name="Datatype">Open Inference Protocol spelling, for example <c>INT64</c>.</param>
/// <param name="Shape">Dimensions without the batch; empty for a scalar.</param>
/// <param name="Bytes">Little-endian, row-major; BYTES elements have their length before them, four bytes.</param>
public sealed record TensorPart(string Name, string Datatype, ImmutableArray<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Bytes of rows one after the other.</summary>
    /// <exception cref="OverflowException">They are more than one array holds.</exception>
    internal static byte[] Join(TensorPart[] rows)
    {
        var bytes = new byte[rows.Sum(static r => r.Bytes.Length)];
        var at = 0;
        foreach (var row in rows)
        {
            row.Bytes.Span.CopyTo(bytes.AsSpan(at));
            at += row.Bytes.Length;
        }

        return bytes;
    }
}
