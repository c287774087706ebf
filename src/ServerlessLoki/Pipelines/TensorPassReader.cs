using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads <c>tensors</c> of a transform <c>pass-tensor</c>.</summary>
internal static class TensorPassReader
{
    private const int MostRank = 8;

    public static ImmutableSortedDictionary<string, TensorPass> Read(JsonValue value)
    {
        var tensors = ImmutableSortedDictionary.CreateBuilder<string, TensorPass>(StringComparer.Ordinal);
        if (!value.IsObject)
            value.Fault("wrong type", null, "an object such as {\"child's input\": \"parent's output\"}");
        foreach (var (input, item) in value.Properties())
        {
            if (item.IsString)
                tensors[input] = new TensorPass(item.Text("the name of one of the parent's outputs"));
            else if (item.IsObjectWith("output", "slice", "transpose", "reshape", "cast"))
                tensors[input] = Pass(item);
        }

        return tensors.ToImmutable();
    }

    private static TensorPass Pass(JsonValue value)
    {
        var pass = new TensorPass(value.TryOptional("output", out var output) ? output.Text("the name of one of the parent's outputs") : null)
        {
            Slice = value.TryOptional("slice", out var slice) ? [.. slice.Items("an array with [start, end] for each dimension, end null for the last").Select(Range)] : [],
            Transpose = value.TryOptional("transpose", out var transpose) ? [.. transpose.Items("an array of dimensions").Select(static d => (int?)d.Integer(0, MostRank - 1)).OfType<int>()] : [],
            Reshape = value.TryOptional("reshape", out var reshape) ? [.. reshape.Items("an array of dimensions, one of which may be -1").Select(static d => d.Integer(-1, 1 << 30)).OfType<long>()] : null,
            Cast = value.TryOptional("cast", out var cast) && (cast.Flag() ?? false),
        };
        if (!pass.Transpose.Order().SequenceEqual(Enumerable.Range(0, pass.Transpose.Length)))
            transpose.Fault("not each dimension once", string.Join(",", pass.Transpose), "for example [1, 0]");
        if (pass.Reshape is { } shape && (shape.Contains(0) || shape.Count(static d => d < 0) > 1))
            reshape.Fault("no shape", $"[{string.Join(',', shape)}]", "dimensions of at least 1, one of which may be -1");
        return pass;
    }

    private static (int Start, int End) Range(JsonValue value)
    {
        var items = value.Items("[start, end]");
        if (items.Count is not (1 or 2))
            value.Fault("not a start with its end", $"{items.Count} numbers", "[start] or [start, end]");
        return (At(0) ?? 0, At(1) ?? int.MaxValue);

        int? At(int place) => place < items.Count ? (int?)items[place].Integer(-(1 << 30), 1 << 30) : null;
    }
}
