using System.Runtime.InteropServices;
using System.Text;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Serving.Audio;

namespace ServerlessLoki.Cli.Tests.Load;

public sealed class BodyPoolTests
{
    [Fact]
    public void Random_SeveralInputs_EachBodyHasThemAll()
    {
        TensorSpec[] inputs = [new("ids", "INT64", [-1, 4]), new("text", "BYTES", [2])];

        var bodies = BodyPool.Random(inputs, 8, seed: 3);

        Assert.Equal(8, bodies.Count);
        Assert.All(bodies, static body =>
        {
            var header = Encoding.UTF8.GetString(body.Bytes, 0, body.JsonLength!.Value);
            var texts = body.Bytes[(body.JsonLength.Value + (4 * sizeof(long)))..];
            Assert.Equal(
                $$$"""{"inputs":[{"name":"ids","shape":[1,4],"datatype":"INT64","parameters":{"binary_data_size":32}},{"name":"text","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":{{{texts.Length}}}}}]}""",
                header);
            Assert.Equal(2, Texts(texts).Count);
            Assert.All(Texts(texts), static t => Assert.InRange(t.Split(' ').Length, 4, 35));
        });
        Assert.True(bodies.Select(static b => b.Bytes.Length).Distinct().Count() > 1, "texts differ in length");
    }

    [Theory]
    [InlineData(30, 16_000)]
    [InlineData(0.25, 4000)]
    public void Random_Sound_IsQuietNoiseThatTheServerTakes(double most, int samples)
    {
        var body = Assert.Single(BodyPool.Random([new TensorSpec("sound", "BYTES", [1]) { MaxSoundSeconds = most }], 1, seed: 3));
        var element = body.Bytes[body.JsonLength!.Value..];
        Assert.Equal(element.Length - sizeof(int), BitConverter.ToInt32(element));
        var header = WavHeader.Read(element.AsSpan(sizeof(int)));
        Assert.Equal((16_000, 1, 16, false, samples), (header.Rate, header.Channels, header.Bits, header.IsFloat, header.Frames));
        var noise = MemoryMarshal.Cast<byte, short>(element.AsSpan(sizeof(int) + header.Offset)).ToArray();
        Assert.InRange(noise.Max(static s => Math.Abs((int)s)), 900, 1024);
    }

    private static List<string> Texts(byte[] elements)
    {
        var texts = new List<string>();
        for (var at = 0; at < elements.Length; at += sizeof(int) + texts[^1].Length)
            texts.Add(Encoding.ASCII.GetString(elements, at + sizeof(int), BitConverter.ToInt32(elements, at)));
        return texts;
    }
}
