using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>The .NET type of each element type.</summary>
internal static class ElementTypes
{
    internal static Type ToType(TensorElementType type) => type switch
    {
        TensorElementType.Float => typeof(float),
        TensorElementType.UInt8 => typeof(byte),
        TensorElementType.Int8 => typeof(sbyte),
        TensorElementType.UInt16 => typeof(ushort),
        TensorElementType.Int16 => typeof(short),
        TensorElementType.Int32 => typeof(int),
        TensorElementType.Int64 => typeof(long),
        TensorElementType.String => typeof(string),
        TensorElementType.Bool => typeof(bool),
        TensorElementType.Double => typeof(double),
        TensorElementType.UInt32 => typeof(uint),
        TensorElementType.UInt64 => typeof(ulong),
        _ => throw new NotSupportedException($"NodeMetadata.ElementType: the stand-in does not cover {type} tensors; read ElementDataType instead."),
    };

    internal static TensorElementType FromType(Type type, string member)
    {
        foreach (var candidate in Enum.GetValues<TensorElementType>())
        {
            if (candidate is TensorElementType.Float16 or TensorElementType.BFloat16
                or TensorElementType.Complex64 or TensorElementType.Complex128 or TensorElementType.String) continue;
            if (ToType(candidate) == type) return candidate;
        }
        throw new NotSupportedException($"{member}: the stand-in does not cover tensors of {type}.");
    }

    internal static int Size(TensorElementType type, string member) => type switch
    {
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 1,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        TensorElementType.Float or TensorElementType.Int32 or TensorElementType.UInt32 => 4,
        TensorElementType.Double or TensorElementType.Int64 or TensorElementType.UInt64 => 8,
        _ => throw new NotSupportedException($"{member}: the stand-in does not cover {type} tensors."),
    };
}
