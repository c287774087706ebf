namespace ServerlessLoki.Serving.Protocol;

/// <summary>One input of a request.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Datatype">Element type.</param>
/// <param name="Shape">Dimensions, all at least 0.</param>
/// <param name="Bytes">Little-endian, row-major; lives as long as the request.</param>
public sealed record InferTensor(string Name, Datatype Datatype, long[] Shape, ReadOnlyMemory<byte> Bytes);
