using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Named tensor of one row: an input that a query brings, or an output that a model gave.</summary>
/// <param name="Name">Name of the tensor in the model.</param>
/// <param name="Datatype">Open Inference Protocol spelling, for example <c>INT64</c>.</param>
/// <param name="Shape">Dimensions without the batch; empty for a scalar.</param>
/// <param name="Bytes">Bytes of the tensor, little-endian, row-major; each BYTES element is preceded by its length, four bytes.</param>
public sealed record TensorPart(string Name, string Datatype, ImmutableArray<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Joins the bytes of rows.</summary>
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
