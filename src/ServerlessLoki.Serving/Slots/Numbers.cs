using System.Numerics;
using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Whether tensors hold numbers. Minus infinity is one: it means "impossible" among scores.</summary>
internal static class Numbers
{
    /// <summary>False where a value is NaN or plus infinite. Integers and texts always are what they are.</summary>
    public static bool AreIn(TensorPart part) => part.Datatype switch
    {
        "FP32" => AreAll(MemoryMarshal.Cast<byte, float>(part.Bytes.Span), float.PositiveInfinity),
        "FP64" => AreAll(MemoryMarshal.Cast<byte, double>(part.Bytes.Span), double.PositiveInfinity),
        "FP16" => AreAll(MemoryMarshal.Cast<byte, Half>(part.Bytes.Span), Half.PositiveInfinity),
        _ => true,
    };

    private static bool AreAll<T>(ReadOnlySpan<T> values, T infinity)
        where T : struct, INumber<T>
    {
        foreach (var value in values)
        {
            if (!(value < infinity))
                return false;
        }

        return true;
    }
}
