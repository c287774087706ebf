namespace ServerlessLoki.Serving.Protocol;

/// <summary>Output of an answer.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Datatype">Element type.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Bytes">Bytes of the tensor, little-endian, row-major.</param>
/// <param name="Labels">Class names by index, for tensors that hold class indices; null otherwise.</param>
public sealed record OutputTensor(string Name, Datatype Datatype, long[] Shape, ReadOnlyMemory<byte> Bytes, string? Labels = null);
