using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>What a sample brings: a picture file, a sound file, or texts.</summary>
/// <param name="Kind">Kind of the input.</param>
/// <param name="Values">Path of the file, or the texts.</param>
internal sealed record SampleInput(QueryKind Kind, ImmutableArray<string> Values)
{
    /// <summary>Reads the file and makes the query's input.</summary>
    /// <exception cref="ImageFormatException">The picture is malformed.</exception>
    public QueryInput Open(Pipeline pipeline)
    {
        if (Kind == QueryKind.Picture)
            return new ImageInput(PictureCodec.Decode(File.ReadAllBytes(Values[0]), ImageLimits.Default));
        byte[] bytes = Kind == QueryKind.Sound
            ? Element(File.ReadAllBytes(Values[0]))
            : [.. Values.SelectMany(static t => MadeTensors.TextPart(t).Bytes.ToArray())];
        var packed = TensorPack.Write([new TensorPart(pipeline.Input.Name, "BYTES", [Values.Length], bytes)]);
        return new TensorInput(PooledBytes.CopyOf(packed), packed.Length, isPacked: true);
    }

    private static byte[] Element(byte[] file) => [.. BitConverter.GetBytes(file.Length), .. file];
}
