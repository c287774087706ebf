using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Cli.Checking;

/// <summary>Row of random values: the bytes of each input.</summary>
internal sealed record CheckRow(IReadOnlyList<TensorData> Inputs)
{
    /// <summary>Makes rows for a model; images for one that takes images, so that there are objects to find.</summary>
    /// <exception cref="FailureException">An input's datatype is not known.</exception>
    public static IReadOnlyList<CheckRow> For(ServedModel model, int count, ulong seed) =>
        model is { IsPipeline: true, Inputs: [{ IsImage: true } image] }
            ? [.. Enumerable.Range(0, count).Select(i => new CheckRow([Scene(image, seed + (ulong)i)]))]
            : [.. BodyPool.Rows(model.Inputs, count, seed).Select(static r => new CheckRow(r))];

    /// <summary>Makes a request of some rows, all tensors in the binary form of the protocol.</summary>
    public static QueryBody Body(IReadOnlyList<CheckRow> rows)
    {
        var tensors = rows[0].Inputs.Select((first, i) => rows.Count == 1 ? first : first with
        {
            Shape = [first.Shape[0] * rows.Count, .. first.Shape.Skip(1)],
            Bytes = [.. rows.SelectMany(r => r.Inputs[i].Bytes)],
        }).ToList();
        return QueryBody.Tensors(tensors, wantsBinary: true);
    }

    private static TensorData Scene(TensorSpec input, ulong seed)
    {
        using var image = SceneGenerator.Generate(seed).Image;
        return new TensorData(input.Name, input.Datatype, [image.Height, image.Width, 3], image.Pixels.ToArray());
    }
}
