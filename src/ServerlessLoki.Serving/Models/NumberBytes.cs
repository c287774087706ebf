using System.Numerics;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Models;

/// <summary>Numbers of pipeline files as elements of a tensor.</summary>
internal static class NumberBytes
{
    // Largest finite value of eight exponent and seven fraction bits.
    private const double MostBF16 = 3.3895313892515355e38;

    // Beyond it not every whole number has a double of its own, and files are read as doubles.
    private const double MostWhole = 1L << 53;

    /// <summary>What a datatype takes, where it does not take a number; null if it does.</summary>
    public static string? Fault(string datatype, double number) => datatype switch
    {
        "FP16" => Real(number, (double)Half.MaxValue),
        "BF16" => Real(number, MostBF16),
        "FP32" => Real(number, float.MaxValue),
        "FP64" => Real(number, double.MaxValue),
        "BOOL" => number is 0 or 1 ? null : "0 or 1",
        "INT8" => Whole(number, sbyte.MinValue, sbyte.MaxValue),
        "INT16" => Whole(number, short.MinValue, short.MaxValue),
        "INT32" => Whole(number, int.MinValue, int.MaxValue),
        "UINT8" => Whole(number, 0, byte.MaxValue),
        "UINT16" => Whole(number, 0, ushort.MaxValue),
        "UINT32" => Whole(number, 0, uint.MaxValue),
        "UINT64" => Whole(number, 0, MostWhole),
        _ => Whole(number, -MostWhole, MostWhole),
    };

    /// <summary>Bytes of an element; not for BYTES.</summary>
    public static int Size(string datatype) => datatype switch
    {
        "FP64" or "INT64" or "UINT64" => sizeof(long),
        "FP32" or "INT32" or "UINT32" => sizeof(int),
        "FP16" or "BF16" or "INT16" or "UINT16" => sizeof(short),
        _ => 1,
    };

    /// <summary>Fills memory with numbers, again and again.</summary>
    /// <param name="datatype">Datatype of the elements; not BYTES.</param>
    /// <param name="target">Memory of whole elements.</param>
    /// <param name="numbers">Numbers without <see cref="Fault"/>; at least one.</param>
    public static void Write(string datatype, Span<byte> target, ReadOnlySpan<double> numbers)
    {
        switch (datatype)
        {
            case "FP16": Fill<Half>(target, numbers); break;
            case "BF16": FillBF16(target, numbers); break;
            case "FP32": Fill<float>(target, numbers); break;
            case "FP64": Fill<double>(target, numbers); break;
            case "INT64": Fill<long>(target, numbers); break;
            case "UINT64": Fill<ulong>(target, numbers); break;
            case "INT32": Fill<int>(target, numbers); break;
            case "UINT32": Fill<uint>(target, numbers); break;
            case "INT16": Fill<short>(target, numbers); break;
            case "UINT16": Fill<ushort>(target, numbers); break;
            case "INT8": Fill<sbyte>(target, numbers); break;
            default: Fill<byte>(target, numbers); break;
        }
    }

    private static string? Real(double number, double most) => Math.Abs(number) <= most ? null : $"numbers of at most ±{most:R}";

    private static string? Whole(double number, double least, double most) =>
        number >= least && number <= most && number == Math.Floor(number) ? null : $"whole numbers from {(Int128)least} to {(Int128)most}";

    private static void Fill<T>(Span<byte> target, ReadOnlySpan<double> numbers)
        where T : unmanaged, INumberBase<T>
    {
        var elements = MemoryMarshal.Cast<byte, T>(target);
        for (var i = 0; i < elements.Length; i++)
            elements[i] = T.CreateSaturating(numbers[i % numbers.Length]);
    }

    private static void FillBF16(Span<byte> target, ReadOnlySpan<double> numbers)
    {
        var elements = MemoryMarshal.Cast<byte, ushort>(target);
        for (var i = 0; i < elements.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits((float)numbers[i % numbers.Length]);
            // To the nearest, of two as near to the even one.
            elements[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
