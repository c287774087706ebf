using System.Text;
using ServerlessLoki.Cli.Load;

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

    private static List<string> Texts(byte[] elements)
    {
        var texts = new List<string>();
        for (var at = 0; at < elements.Length; at += sizeof(int) + texts[^1].Length)
            texts.Add(Encoding.ASCII.GetString(elements, at + sizeof(int), BitConverter.ToInt32(elements, at)));
        return texts;
    }
}
