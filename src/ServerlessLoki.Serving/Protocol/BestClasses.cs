using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Triton's classification extension: the largest values of each row as texts <c>score:index</c>, with <c>:label</c> where the class has one.</summary>
internal static class BestClasses
{
    /// <summary>Most best classes of a row that a request may ask for.</summary>
    public const int Most = 10_000;

    private const int MostTexts = 1_000_000;

    /// <summary>Why an output has no best classes; null if it has.</summary>
    public static string? Fault(TensorDescription output) => output.Datatype is "BYTES" or "BOOL" or "BF16"
        ? $"'{output.Name}' is {output.Datatype}, which holds no class scores: leave the parameter out" : null;

    /// <summary>The best classes of each row, the best first; of equal ones the earlier.</summary>
    /// <param name="output">An output that has no <see cref="Fault"/>.</param>
    /// <param name="most">How many; fewer where there are fewer.</param>
    public static OutputTensor Of(OutputTensor output, int most)
    {
        var scores = output.Scores ?? output;
        var rows = scores.HasRows ? (int)scores.Shape[0] : 1;
        var size = scores.Datatype.Size();
        var classes = rows == 0 ? (int)Datatypes.Elements(scores.Shape.AsSpan(1)) : scores.Bytes.Length / size / rows;
        var count = Math.Min(most, classes);
        if ((long)rows * count > MostTexts)
            throw new ApiFaultException(422, "invalid", $"'{output.Name}': the best {count} classes of {rows} rows are more than {MostTexts} texts: ask for fewer by \"classification\", or for the values.");
        using var texts = new MemoryStream();
        for (var row = 0; row < rows; row++)
            Add(texts, scores.Bytes.Span.Slice(row * classes * size, classes * size), scores.Datatype, count, output.Classes);
        return new OutputTensor(output.Name, Datatype.Bytes, scores.HasRows ? [rows, count] : [count], texts.ToArray());
    }

    private static void Add(MemoryStream texts, ReadOnlySpan<byte> row, Datatype datatype, int count, ImmutableArray<string> labels)
    {
        switch (datatype)
        {
            case Datatype.Fp16: Add<Half>(texts, row, count, labels, "F6"); break;
            case Datatype.Fp64: Add<double>(texts, row, count, labels, "F6"); break;
            case Datatype.Int64: Add<long>(texts, row, count, labels, "D"); break;
            case Datatype.UInt64: Add<ulong>(texts, row, count, labels, "D"); break;
            case Datatype.Int32: Add<int>(texts, row, count, labels, "D"); break;
            case Datatype.UInt32: Add<uint>(texts, row, count, labels, "D"); break;
            case Datatype.Int16: Add<short>(texts, row, count, labels, "D"); break;
            case Datatype.UInt16: Add<ushort>(texts, row, count, labels, "D"); break;
            case Datatype.Int8: Add<sbyte>(texts, row, count, labels, "D"); break;
            case Datatype.UInt8: Add<byte>(texts, row, count, labels, "D"); break;
            default: Add<float>(texts, row, count, labels, "F6"); break;
        }
    }

    private static void Add<T>(MemoryStream texts, ReadOnlySpan<byte> row, int count, ImmutableArray<string> labels, string format)
        where T : unmanaged, INumber<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(row);
        // The worst that is kept stands first. What is no number compares below all others, and so comes last.
        var kept = new PriorityQueue<int, (T Value, int Index)>(Comparer<(T Value, int Index)>.Create(
            static (a, b) => a.Value.CompareTo(b.Value) is not 0 and var by ? by : b.Index.CompareTo(a.Index)));
        for (var i = 0; i < values.Length; i++)
        {
            if (kept.Count < count)
                kept.Enqueue(i, (values[i], i));
            else if (kept.TryPeek(out _, out var worst) && values[i].CompareTo(worst.Value) > 0)
                kept.DequeueEnqueue(i, (values[i], i));
        }

        Span<int> order = new int[kept.Count];
        for (var i = order.Length - 1; i >= 0; i--)
            order[i] = kept.Dequeue();
        foreach (var index in order)
        {
            var label = index < labels.Length ? $":{labels[index]}" : "";
            TextElements.Add(texts, string.Create(CultureInfo.InvariantCulture, $"{Text(values[index], format)}:{index}{label}"));
        }
    }

    /// <summary>As C writes it, which clients of Triton read.</summary>
    private static string Text<T>(T value, string format)
        where T : INumber<T>
    {
        if (T.IsNaN(value))
            return "nan";
        return T.IsInfinity(value) ? T.IsNegative(value) ? "-inf" : "inf" : value.ToString(format, CultureInfo.InvariantCulture);
    }
}
