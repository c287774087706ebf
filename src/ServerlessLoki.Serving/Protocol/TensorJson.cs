using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Reader of the <c>data</c> of a JSON tensor, flat or nested, into pooled memory.</summary>
internal static class TensorJson
{
    /// <summary>Reads the data. The reader stands on the value of <c>data</c>, and afterwards on its last token.</summary>
    /// <exception cref="ApiFaultException">400 at the first element that does not fit, 413, or 422 without JSON form.</exception>
    public static ReadOnlyMemory<byte> Read(
        ref Utf8JsonReader reader, FaultList faults, string path, Datatype datatype, long[] shape,
        InferLimits limits, int jsonBytes, RequestMemory memory)
    {
        if (!datatype.HasJsonForm())
        {
            faults.AddUnsupportedDatatype(path, $"{datatype.Name()} has no JSON form; send it as binary data (binary_data_size)");
            faults.ThrowIfAny();
        }

        if (!JsonText.IsArray(ref reader, faults, path))
            faults.ThrowIfAny();
        var elements = Datatypes.Elements(shape);
        // Each element takes at least one digit and a comma: a shape that the text cannot fill costs no memory.
        if (elements > ((long)jsonBytes / 2) + 1)
            throw ApiFaultException.Bad($"{path}: shape [{string.Join(',', shape)}] has {elements} elements, the request is too short for them.");
        var size = datatype == Datatype.Bytes ? TextBytes(reader) + (4 * elements) : elements * datatype.Size();
        if (size > limits.MaxTensorBytes)
            throw ApiFaultException.TooLarge($"{path}: {size} bytes are more than the {limits.MaxTensorBytes} a tensor may have.");
        var tensor = memory.Rent((int)size);
        var used = Fill(ref reader, path, datatype, shape, elements, tensor.Span);
        return tensor.Memory[..used];
    }

    /// <summary>Returns the length of the array's text, which its strings cannot exceed. Without this limit each of many small tensors
    /// would allocate as much as the whole request.</summary>
    private static long TextBytes(Utf8JsonReader reader)
    {
        var start = reader.TokenStartIndex;
        reader.Skip();
        return reader.BytesConsumed - start;
    }

    private static int Fill(
        ref Utf8JsonReader reader, string path, Datatype datatype, long[] shape, long elements, Span<byte> target)
    {
        Span<long> seen = stackalloc long[Math.Max(1, shape.Length)];
        var depth = 0;
        // Nested as deep as the shape says, or one flat array: the first token decides.
        var nested = false;
        var first = true;
        long count = 0;
        var used = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when (first || nested) && depth + 1 < shape.Length:
                    if (!first || depth > 0)
                        Count(path, shape, seen, depth);
                    else
                        seen[0] = 1;
                    nested = true;
                    seen[++depth] = 0;
                    break;
                case JsonTokenType.EndArray when depth > 0:
                    if (seen[depth] != shape[depth])
                        throw ApiFaultException.Bad($"{path}: an array of {seen[depth]} at depth {depth + 1}, shape [{string.Join(',', shape)}] needs {shape[depth]}.");
                    depth--;
                    break;
                case JsonTokenType.EndArray:
                    if (count != elements)
                        throw ApiFaultException.Bad($"{path}: {count} elements, shape [{string.Join(',', shape)}] needs {elements}.");
                    return used;
                default:
                    if (count == elements)
                        throw ApiFaultException.Bad($"{path}: more than the {elements} elements of shape [{string.Join(',', shape)}].");
                    if (nested && depth + 1 != shape.Length)
                        throw ApiFaultException.Bad($"{path}: an element at depth {depth + 1}, shape [{string.Join(',', shape)}] has its elements at depth {shape.Length}.");
                    if (nested)
                        seen[depth]++;
                    if (!TryWrite(ref reader, datatype, target[used..], out var written))
                        throw ApiFaultException.Bad($"{path}[{count}]: found {JsonText.Found(ref reader)}, which is no {datatype.Name()}.");
                    used += written;
                    count++;
                    break;
            }

            first = false;
        }

        return used;
    }

    private static void Count(string path, long[] shape, Span<long> seen, int depth)
    {
        if (++seen[depth] > shape[depth])
            throw ApiFaultException.Bad($"{path}: more than {shape[depth]} arrays at depth {depth + 1}, as shape [{string.Join(',', shape)}] says.");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryWrite(ref Utf8JsonReader reader, Datatype datatype, Span<byte> target, out int written)
    {
        written = datatype.Size();
        if (datatype == Datatype.Bytes)
            return TryWriteText(ref reader, target, out written);
        if (datatype == Datatype.Bool)
        {
            target[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        }

        return reader.TokenType == JsonTokenType.Number && TryWriteNumber(ref reader, datatype, target);
    }

    private static bool TryWriteNumber(ref Utf8JsonReader reader, Datatype datatype, Span<byte> target)
    {
        switch (datatype)
        {
            case Datatype.Fp32:
                if (!reader.TryGetSingle(out var single) || !float.IsFinite(single))
                    return false;
                BinaryPrimitives.WriteSingleLittleEndian(target, single);
                return true;
            case Datatype.Fp64:
                if (!reader.TryGetDouble(out var number) || !double.IsFinite(number))
                    return false;
                BinaryPrimitives.WriteDoubleLittleEndian(target, number);
                return true;
            case Datatype.UInt64:
                if (!reader.TryGetUInt64(out var large))
                    return false;
                BinaryPrimitives.WriteUInt64LittleEndian(target, large);
                return true;
            default:
                return reader.TryGetInt64(out var integer) && TryWriteInteger(integer, datatype, target);
        }
    }

    private static bool TryWriteInteger(long value, Datatype datatype, Span<byte> target)
    {
        var bits = 8 * datatype.Size();
        var unsigned = datatype is Datatype.UInt8 or Datatype.UInt16 or Datatype.UInt32;
        var least = unsigned ? 0 : -1L << (bits - 1);
        var most = unsigned ? (1L << bits) - 1 : ~(-1L << (bits - 1));
        if (value < least || value > most)
            return false;
        for (var i = 0; i < datatype.Size(); i++)
            target[i] = (byte)(value >> (8 * i));
        return true;
    }

    private static bool TryWriteText(ref Utf8JsonReader reader, Span<byte> target, out int written)
    {
        written = 0;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        var length = reader.CopyString(target[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)length);
        written = 4 + length;
        return true;
    }
}
