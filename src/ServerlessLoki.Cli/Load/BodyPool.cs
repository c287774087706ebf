using System.Text;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Samples;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Cli.Load;

/// <summary>Request bodies of a load run.</summary>
internal static class BodyPool
{
    private static readonly string[] s_words =
        ["the", "a", "of", "and", "to", "it", "was", "is", "not", "very", "good", "bad", "how", "many", "people", "think", "that", "this", "film", "works", "where", "does", "time", "go"];

    /// <summary>Makes scenes of the traffic sample's generator as binary tensors, which need no decoding on the server.</summary>
    public static IReadOnlyList<QueryBody> Scenes(TensorSpec input, int count, ulong seed)
    {
        var bodies = new QueryBody[count];
        for (var i = 0; i < count; i++)
        {
            using var image = SceneGenerator.Generate(seed + (ulong)i).Image;
            bodies[i] = QueryBody.Tensors([new TensorData(input.Name, input.Datatype, [image.Height, image.Width, 3], image.Pixels.ToArray())], wantsBinary: false);
        }

        return bodies;
    }

    /// <summary>Makes random values of the inputs' shapes, for pipelines that do not take images; variable dimensions are 1, texts a few
    /// words, sounds a second of quiet noise.</summary>
    /// <exception cref="FailureException">A datatype is not known.</exception>
    public static IReadOnlyList<QueryBody> Random(IReadOnlyList<TensorSpec> inputs, int count, ulong seed) =>
        [.. Rows(inputs, count, seed).Select(static row => QueryBody.Tensors(row, wantsBinary: false))];

    /// <summary>Makes random rows without request bodies: for each row a tensor for each input.</summary>
    /// <exception cref="FailureException">A datatype is not known.</exception>
    public static IReadOnlyList<IReadOnlyList<TensorData>> Rows(IReadOnlyList<TensorSpec> inputs, int count, ulong seed)
    {
        var values = inputs.Select((input, i) => Values(input, count, seed + ((ulong)i << 32))).ToList();
        return [.. Enumerable.Range(0, count).Select(row => values.ConvertAll(tensors => tensors[row]))];
    }

    private static List<TensorData> Values(TensorSpec input, int count, ulong seed)
    {
        long[] shape = [.. input.Shape.Select(d => Math.Max(1, d))];
        var elements = shape.Aggregate(1L, (a, b) => a * b);
        var random = new StreamRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new TensorData(input.Name, input.Datatype, shape, input.MaxSoundSeconds is { } most ? NoiseSound.Element(most, random)
            : input.Datatype == "BYTES" ? Texts(elements, random) : Numbers(input, elements, random)))];
    }

    private static byte[] Numbers(TensorSpec input, long elements, StreamRandom random)
    {
        if (input.ElementBytes is not { } size)
            throw new FailureException($"input '{input.Name}' has datatype {input.Datatype}, for which no values can be made up");
        var data = new byte[elements * size];
        for (var at = 0; at < data.Length; at += size)
            Fill(data.AsSpan(at, size), input.Datatype, random);
        return data;
    }

    /// <summary>Makes texts of four to 35 words each, the length of a sentence.</summary>
    private static byte[] Texts(long elements, StreamRandom random)
    {
        using var data = new MemoryStream();
        for (var element = 0L; element < elements; element++)
        {
            var text = Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 4 + random.NextBelow(32)).Select(_ => s_words[random.NextBelow(s_words.Length)])));
            data.Write(BitConverter.GetBytes(text.Length));
            data.Write(text);
        }

        return data.ToArray();
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
