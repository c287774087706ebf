using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Raw requests: the body is the bytes of the only input, and its length gives the shape.</summary>
internal static class RawTensors
{
    /// <summary>Returns the shape of a raw body.</summary>
    /// <param name="name">Input name, for the error text.</param>
    /// <param name="datatypeName">The input's datatype.</param>
    /// <param name="shape">The input's shape without the batch; at most one −1.</param>
    /// <param name="body">Bytes of the body.</param>
    /// <exception cref="ApiFaultException">400 when the length fits no shape.</exception>
    public static long[] Shape(string name, string datatypeName, ImmutableArray<long> shape, ReadOnlySpan<byte> body)
    {
        if (!Datatypes.TryParse(datatypeName, out var datatype) || datatype == Datatype.Bytes)
            throw ApiFaultException.UnsupportedDatatype($"Input '{name}' is {datatypeName}: a raw body cannot carry it, send JSON or binary tensors.");
        if (shape.Count(d => d < 0) > 1)
        {
            throw ApiFaultException.Bad(
                $"Input '{name}' has shape [{string.Join(',', shape)}]: a raw body cannot tell more than one variable dimension, send JSON or binary tensors.");
        }

        var known = Datatypes.Elements(shape.Where(d => d >= 0).ToArray());
        var elements = body.Length / datatype.Size();
        var isWhole = body.Length % datatype.Size() == 0 && body.Length > 0 && known > 0;
        var variable = shape.Any(d => d < 0);
        if (!isWhole || (variable ? elements % known != 0 : elements != known))
        {
            throw ApiFaultException.Bad(
                $"{body.Length} bytes do not fit input '{name}', {datatypeName} [{string.Join(',', shape)}].");
        }

        return [.. shape.Select(d => d < 0 ? elements / known : d)];
    }
}
