using System.Numerics;
using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Test for values that are NaN or infinite. Integers and texts always pass.</summary>
internal static class Numbers
{
    /// <summary>Tests whether all values are numbers: false where a value is NaN or plus infinity. Minus infinity passes, since it means
    /// "impossible" among scores.</summary>
    public static bool AreIn(TensorPart part) => Are(part.Datatype, part.Bytes.Span, mayBeMinusInfinite: true);

    /// <summary>Tests whether all values are finite: false where a value is NaN or infinite.</summary>
    public static bool AreFinite(string datatype, ReadOnlySpan<byte> bytes) => Are(datatype, bytes, mayBeMinusInfinite: false);

    private static bool Are(string datatype, ReadOnlySpan<byte> bytes, bool mayBeMinusInfinite) => datatype switch
    {
        "FP32" => Are<float>(bytes, mayBeMinusInfinite),
        "FP64" => Are<double>(bytes, mayBeMinusInfinite),
        "FP16" => Are<Half>(bytes, mayBeMinusInfinite),
        "BF16" => AreBrain(bytes, mayBeMinusInfinite),
        _ => true,
    };

    private static bool Are<T>(ReadOnlySpan<byte> bytes, bool mayBeMinusInfinite)
        where T : unmanaged, INumberBase<T>
    {
        foreach (var value in MemoryMarshal.Cast<byte, T>(bytes))
        {
            if (!T.IsFinite(value) && !(mayBeMinusInfinite && T.IsNegativeInfinity(value)))
                return false;
        }

        return true;
    }

    /// <summary>Tests brain floats, whose bits are the upper half of an FP32's.</summary>
    private static bool AreBrain(ReadOnlySpan<byte> bytes, bool mayBeMinusInfinite)
    {
        foreach (var bits in MemoryMarshal.Cast<byte, ushort>(bytes))
        {
            var value = BitConverter.UInt32BitsToSingle((uint)bits << 16);
            if (!float.IsFinite(value) && !(mayBeMinusInfinite && float.IsNegativeInfinity(value)))
                return false;
        }

        return true;
    }
}
