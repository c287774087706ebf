using System.Buffers.Binary;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Checks of tensors in the protocol's binary layout.</summary>
internal static class BinaryTensors
{
    /// <summary>Adds a fault unless the bytes are exactly the tensor that datatype and shape describe.</summary>
    public static void Check(
        FaultList faults, string path, Datatype datatype, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes, InferLimits limits)
    {
        var elements = Datatypes.Elements(shape);
        if (datatype == Datatype.Bytes)
        {
            if (CountElements(bytes) is not { } found)
                faults.Add(path, "the binary data is no sequence of 32-bit lengths and that many bytes");
            else if (found != elements)
                faults.Add(path, $"the binary data has {found} BYTES elements, shape [{string.Join(',', shape.ToArray())}] has {elements}");
            return;
        }

        if (elements > limits.MaxTensorBytes || elements * datatype.Size() != bytes.Length)
        {
            faults.Add(path, $"{bytes.Length} bytes do not fit {datatype.Name()} of shape [{string.Join(',', shape.ToArray())}], "
                + $"which has {(Int128)elements * datatype.Size()}");
        }
        else if (datatype == Datatype.Bool && bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
        {
            faults.Add(path, "a BOOL byte is neither 0 nor 1");
        }
    }

    private static long? CountElements(ReadOnlySpan<byte> bytes)
    {
        long count = 0;
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) > (uint)(bytes.Length - 4))
                return null;
            bytes = bytes[(4 + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes))..];
            count++;
        }

        return count;
    }
}
