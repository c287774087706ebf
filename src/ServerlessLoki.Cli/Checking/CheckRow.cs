using System.Globalization;
using System.Text;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Cli.Checking;

/// <summary>One row of random values: the bytes of each input.</summary>
internal sealed record CheckRow(IReadOnlyList<CheckTensor> Inputs)
{
    /// <summary>Rows for a model; pictures for one that takes pictures, so that there is something to find.</summary>
    /// <exception cref="FailureException">An input's datatype has no fixed size.</exception>
    public static IReadOnlyList<CheckRow> For(ServedModel model, int count, ulong seed) =>
        model is { IsPipeline: true, Inputs: [{ IsImage: true } image] }
            ? [.. Enumerable.Range(0, count).Select(i => new CheckRow([Scene(image, seed + (ulong)i)]))]
            : [.. Transposed(model.Inputs.Select((input, i) => BodyPool.Values(input, count, seed + ((ulong)i << 32))).ToList(), model.Inputs, count)];

    /// <summary>A request of some rows, all tensors in the binary form of the protocol.</summary>
    public static QueryBody Body(IReadOnlyList<CheckRow> rows)
    {
        var tensors = rows[0].Inputs.Select((first, i) => rows.Count == 1 ? first : first with
        {
            Shape = [first.Shape[0] * rows.Count, .. first.Shape.Skip(1)],
            Bytes = [.. rows.SelectMany(r => r.Inputs[i].Bytes)],
        }).ToList();
        var inputs = string.Join(',', tensors.Select(t => string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"name":"{{{t.Name}}}","shape":[{{{string.Join(',', t.Shape)}}}],"datatype":"{{{t.Datatype}}}","parameters":{"binary_data_size":{{{t.Bytes.Length}}}}}""")));
        var header = Encoding.UTF8.GetBytes($$"""{"parameters":{"binary_data_output":true},"inputs":[{{inputs}}]}""");
        return new QueryBody([.. header, .. tensors.SelectMany(t => t.Bytes)], "application/octet-stream", header.Length);
    }

    private static IEnumerable<CheckRow> Transposed(List<(long[] Shape, IReadOnlyList<byte[]> Rows)> inputs, IReadOnlyList<TensorSpec> specs, int count)
    {
        for (var row = 0; row < count; row++)
            yield return new CheckRow([.. inputs.Select((input, i) => new CheckTensor(specs[i].Name, specs[i].Datatype, input.Shape, input.Rows[row]))]);
    }

    private static CheckTensor Scene(TensorSpec input, ulong seed)
    {
        using var image = SceneGenerator.Generate(seed).Image;
        return new CheckTensor(input.Name, input.Datatype, [image.Height, image.Width, 3], image.Pixels.ToArray());
    }
}
