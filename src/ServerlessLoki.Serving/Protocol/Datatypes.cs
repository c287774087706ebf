using System.Collections.Frozen;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Names and sizes of the protocol's element types.</summary>
internal static class Datatypes
{
    private static readonly string[] Names =
        ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BF16", "BYTES"];

    private static readonly int[] Sizes = [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 2, 0];

    private static readonly FrozenDictionary<string, Datatype> ByName =
        Enum.GetValues<Datatype>().ToFrozenDictionary(d => Names[(int)d], StringComparer.Ordinal);

    /// <summary>All names, for error texts.</summary>
    public static string Known { get; } = string.Join(", ", Names);

    /// <summary>Returns the protocol's spelling.</summary>
    public static string Name(this Datatype datatype) => Names[(int)datatype];

    /// <summary>Returns the bytes per element; 0 for <see cref="Datatype.Bytes"/>, whose elements differ in length.</summary>
    public static int Size(this Datatype datatype) => Sizes[(int)datatype];

    /// <summary>True when elements can be written in JSON.</summary>
    public static bool HasJsonForm(this Datatype datatype) => datatype is not (Datatype.Fp16 or Datatype.Bf16);

    /// <summary>Finds a datatype by its exact name.</summary>
    public static bool TryParse(string name, out Datatype datatype) => ByName.TryGetValue(name, out datatype);

    /// <summary>Finds a datatype by its exact name.</summary>
    /// <exception cref="ApiFaultException">422: a model has a type that the protocol does not know.</exception>
    public static Datatype Require(string name) => TryParse(name, out var datatype)
        ? datatype
        : throw ApiFaultException.UnsupportedDatatype($"The model's datatype {name} is not served; known are {Known}.");

    /// <summary>Computes the elements of a shape; −1 when a dimension is negative or the product exceeds 63 bits.</summary>
    public static long Elements(ReadOnlySpan<long> shape)
    {
        long product = 1;
        var zero = false;
        foreach (var dimension in shape)
        {
            if (dimension < 0)
                return -1;
            if (dimension == 0)
                zero = true;
            else if (product > long.MaxValue / dimension)
                return -1;
            else
                product *= dimension;
        }

        return zero ? 0 : product;
    }
}
