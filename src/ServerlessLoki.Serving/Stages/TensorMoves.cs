using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Slice, transpose, reshape and cast of a row's tensor.</summary>
internal static class TensorMoves
{
    /// <summary>Tests whether values of one datatype can become another: numbers and BOOL can, texts and BF16 cannot.</summary>
    public static bool CanCast(string from, string to) => from == to || (from is not ("BYTES" or "BF16") && to is not ("BYTES" or "BF16"));

    /// <summary>Computes the shape after the moves; −1 = only the run knows.</summary>
    /// <param name="shape">Dimensions of the row; −1 = open.</param>
    /// <param name="pass">Moves.</param>
    /// <param name="fault">Why the moves do not fit the shape.</param>
    /// <returns>Null with a fault.</returns>
    public static long[]? ShapeOf(ReadOnlySpan<long> shape, TensorPass pass, out string? fault)
    {
        fault = pass.Slice.Length > shape.Length ? $"\"slice\" has {pass.Slice.Length} dimensions, it has {shape.Length}"
            : pass.Transpose.Length > 0 && pass.Transpose.Length != shape.Length ? $"\"transpose\" has {pass.Transpose.Length} dimensions, it has {shape.Length}" : null;
        if (fault is not null)
            return null;
        var cut = shape.ToArray();
        for (var d = 0; d < pass.Slice.Length; d++)
        {
            var (start, end) = Range(cut[d], pass.Slice[d]);
            if (cut[d] >= 0 && end <= start)
                fault = $"\"slice\" [{pass.Slice[d].Start}, {pass.Slice[d].End}] leaves nothing of dimension {d}, which is {cut[d]}";
            cut[d] = cut[d] < 0 ? -1 : end - start;
        }

        var turned = pass.Transpose.IsEmpty ? cut : [.. pass.Transpose.Select(d => cut[d])];
        if (fault is not null || pass.Reshape is not { } wanted)
            return fault is null ? turned : null;
        var (elements, known) = (turned.Contains(-1) ? -1 : Product(turned), Product(wanted.Where(static d => d >= 0)));
        if (elements >= 0 && (wanted.Contains(-1) ? elements % known != 0 : elements != known))
        {
            fault = $"\"reshape\" [{string.Join(',', wanted)}] does not hold its {elements} elements";
            return null;
        }

        return [.. wanted.Select(d => d >= 0 ? d : elements < 0 ? -1 : elements / known)];
    }

    /// <summary>Moves a tensor.</summary>
    /// <param name="part">Tensor of one row.</param>
    /// <param name="pass">Moves.</param>
    /// <param name="datatype">Datatype of the child's input.</param>
    /// <exception cref="ModelException">The moves do not fit the shape.</exception>
    public static LooseRow Move(TensorPart part, TensorPass pass, string datatype)
    {
        if (ShapeOf(part.Shape.AsSpan(), pass, out var fault) is not { } shape)
            throw new ModelException($"Output '{part.Name}' [{string.Join(',', part.Shape)}] cannot be handed on: {fault}.");
        var bytes = pass.Slice.IsEmpty && pass.Transpose.IsEmpty ? part.Bytes : Picked(part, pass);
        return new LooseRow(shape, part.Datatype == datatype ? bytes : Cast(bytes.Span, part.Datatype, datatype));
    }

    /// <summary>Copies the elements that the slice keeps, in the order of the transposed dimensions.</summary>
    private static ReadOnlyMemory<byte> Picked(TensorPart part, TensorPass pass)
    {
        var rank = part.Shape.Length;
        var (starts, lengths, strides) = (new long[rank], new long[rank], new long[rank]);
        var stride = 1L;
        for (var d = rank - 1; d >= 0; d--)
        {
            var (start, end) = d < pass.Slice.Length ? Range(part.Shape[d], pass.Slice[d]) : (0, part.Shape[d]);
            (starts[d], lengths[d], strides[d], stride) = (start, end - start, stride, stride * part.Shape[d]);
        }

        var axes = pass.Transpose.IsEmpty ? [.. Enumerable.Range(0, rank)] : pass.Transpose.ToArray();
        var texts = part.Datatype == "BYTES" ? TextElements.Of(part.Bytes).ToArray() : null;
        var size = texts is null ? NumberBytes.Size(part.Datatype) : 0;
        var count = Product(lengths);
        using var text = new MemoryStream();
        var moved = new byte[count * size];
        var at = new long[rank];
        for (var i = 0L; i < count; i++)
        {
            var from = 0L;
            for (var a = 0; a < rank; a++)
                from += (starts[axes[a]] + at[a]) * strides[axes[a]];
            if (texts is not null)
                TextElements.Add(text, texts[from].Span);
            else
                part.Bytes.Span.Slice((int)from * size, size).CopyTo(moved.AsSpan((int)i * size));
            for (var a = rank - 1; a >= 0 && ++at[a] == lengths[axes[a]]; a--)
                at[a] = 0;
        }

        return texts is null ? moved : text.ToArray();
    }

    private static (long Start, long End) Range(long length, (int Start, int End) slice) =>
        (Math.Clamp(slice.Start < 0 ? length + slice.Start : slice.Start, 0, Math.Max(0, length)), Math.Clamp(slice.End < 0 ? length + slice.End : slice.End, 0, Math.Max(0, length)));

    private static long Product(IEnumerable<long> dimensions) => dimensions.Aggregate(1L, static (product, d) => product * d);

    /// <summary>Converts values as ONNX's Cast does where they fit: fractions are cut off, anything but 0 is true. What does not fit becomes the
    /// nearest value that does.</summary>
    private static byte[] Cast(ReadOnlySpan<byte> bytes, string from, string to)
    {
        var (size, target) = (NumberBytes.Size(from), NumberBytes.Size(to));
        var numbers = new double[bytes.Length / size];
        for (var i = 0; i < numbers.Length; i++)
        {
            var value = Value(bytes[(i * size)..], from);
            numbers[i] = to is "FP16" or "FP32" or "FP64" ? value : to == "BOOL" ? (value == 0 ? 0 : 1) : Math.Truncate(value);
        }

        var cast = new byte[numbers.Length * target];
        NumberBytes.Write(to, cast, numbers);
        return cast;
    }

    private static double Value(ReadOnlySpan<byte> at, string datatype) => datatype switch
    {
        "FP16" => (double)BinaryPrimitives.ReadHalfLittleEndian(at),
        "FP32" => BinaryPrimitives.ReadSingleLittleEndian(at),
        "FP64" => BinaryPrimitives.ReadDoubleLittleEndian(at),
        "INT64" => BinaryPrimitives.ReadInt64LittleEndian(at),
        "UINT64" => BinaryPrimitives.ReadUInt64LittleEndian(at),
        "INT32" => BinaryPrimitives.ReadInt32LittleEndian(at),
        "UINT32" => BinaryPrimitives.ReadUInt32LittleEndian(at),
        "INT16" => BinaryPrimitives.ReadInt16LittleEndian(at),
        "UINT16" => BinaryPrimitives.ReadUInt16LittleEndian(at),
        "INT8" => MemoryMarshal.Cast<byte, sbyte>(at)[0],
        _ => at[0],
    };
}
