using ServerlessLoki.Cli.Output;
using ServerlessLoki.Samples;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Cli.Load;

/// <summary>Makes the bodies that a load run sends.</summary>
internal static class BodyPool
{
    /// <summary>Scenes from the traffic sample's generator as binary tensors: no decoding on the server's side.</summary>
    public static IReadOnlyList<QueryBody> Scenes(TensorSpec input, int count, ulong seed)
    {
        var bodies = new QueryBody[count];
        for (var i = 0; i < count; i++)
        {
            using var image = SceneGenerator.Generate(seed + (ulong)i).Image;
            bodies[i] = QueryBody.Tensor(input.Name, input.Datatype, [image.Height, image.Width, 3], image.Pixels);
        }

        return bodies;
    }

    /// <summary>Random values of the input's shape, for pipelines that do not take images; variable dimensions are 1.</summary>
    /// <exception cref="FailureException">The datatype has no fixed size.</exception>
    public static IReadOnlyList<QueryBody> Random(TensorSpec input, int count, ulong seed)
    {
        var (shape, rows) = Values(input, count, seed);
        return [.. rows.Select(data => QueryBody.Tensor(input.Name, input.Datatype, shape, data))];
    }

    /// <summary>The same without the body around it.</summary>
    /// <exception cref="FailureException">The datatype has no fixed size.</exception>
    public static (long[] Shape, IReadOnlyList<byte[]> Rows) Values(TensorSpec input, int count, ulong seed)
    {
        if (input.ElementBytes is not { } size)
            throw new FailureException($"input '{input.Name}' has datatype {input.Datatype}, for which no values can be made up");
        long[] shape = [.. input.Shape.Select(d => Math.Max(1, d))];
        var random = new StreamRandom(seed);
        var rows = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var data = rows[i] = new byte[shape.Aggregate(1L, (a, b) => a * b) * size];
            for (var at = 0; at < data.Length; at += size)
                Fill(data.AsSpan(at, size), input.Datatype, random);
        }

        return (shape, rows);
    }

    private static void Fill(Span<byte> element, string datatype, StreamRandom random)
    {
        var unit = random.NextBelow(1 << 16) / 65536.0;
        switch (datatype)
        {
            case "FP16":
                BitConverter.TryWriteBytes(element, (Half)unit);
                break;
            case "FP32":
                BitConverter.TryWriteBytes(element, (float)unit);
                break;
            case "FP64":
                BitConverter.TryWriteBytes(element, unit);
                break;
            case "UINT8":
                element[0] = (byte)(unit * 256);
                break;
            default:
                // Whole numbers are often indices: 0 and 1 are the only safe ones.
                element[0] = (byte)(unit < 0.5 ? 0 : 1);
                break;
        }
    }
}
