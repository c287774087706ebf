namespace ServerlessLoki.Cli.Load;

/// <summary>Tensor of a request or answer.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Datatype">Datatype in the protocol's spelling.</param>
/// <param name="Shape">Dimensions of the tensor.</param>
/// <param name="Bytes">Bytes of the tensor, row-major, little-endian.</param>
internal sealed record TensorData(string Name, string Datatype, long[] Shape, byte[] Bytes)
{
    /// <summary>Returns one of several equal parts along the first dimension.</summary>
    public TensorData Part(int index, int parts) => this with
    {
        Shape = [Shape[0] / parts, .. Shape.Skip(1)],
        Bytes = Bytes[(Bytes.Length / parts * index)..(Bytes.Length / parts * (index + 1))],
    };

    /// <summary>Tests whether both are equal except for the rounding of floating-point sums.</summary>
    public bool IsLike(TensorData other)
    {
        if (Name != other.Name || Datatype != other.Datatype || !Shape.AsSpan().SequenceEqual(other.Shape) || Bytes.Length != other.Bytes.Length)
            return false;
        return Datatype switch
        {
            "FP16" => AreClose(other, 2, 1e-2, b => (double)BitConverter.ToHalf(b)),
            "FP32" => AreClose(other, 4, 1e-4, b => BitConverter.ToSingle(b)),
            "FP64" => AreClose(other, 8, 1e-4, b => BitConverter.ToDouble(b)),
            _ => Bytes.AsSpan().SequenceEqual(other.Bytes),
        };
    }

    private bool AreClose(TensorData other, int size, double tolerance, ReadValue read)
    {
        for (var at = 0; at + size <= Bytes.Length; at += size)
        {
            var (a, b) = (read(Bytes.AsSpan(at, size)), read(other.Bytes.AsSpan(at, size)));
            if (!a.Equals(b) && !(Math.Abs(a - b) <= tolerance * (1 + Math.Abs(a))))
                return false;
        }

        return true;
    }

    private delegate double ReadValue(ReadOnlySpan<byte> bytes);
}
