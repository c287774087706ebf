namespace ServerlessLoki.Serving.Protocol;

/// <summary>Input of a request.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Datatype">Element type.</param>
/// <param name="Shape">Dimensions, all at least 0.</param>
/// <param name="Bytes">Bytes of the tensor, little-endian, row-major; valid as long as the request.</param>
public sealed record InferTensor(string Name, Datatype Datatype, long[] Shape, ReadOnlyMemory<byte> Bytes);
