using ServerlessLoki.Cli.Inspection;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Inspection;

public sealed class OnnxFileTests
{
    [Fact]
    public void Read_TellsOpsetsProducerAndMakers()
    {
        var file = Read(new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3).Output("y", TinyOnnx.Float, "N", 3)
            .Node("Softmax", ["x"], ["p"]).Node("Identity", ["p"], ["y"]).ZipMap("p", "maps", "a", "b", "c").ToBytes());

        Assert.Equal(13, file.Opsets[""]);
        Assert.Equal(2, file.Opsets["ai.onnx.ml"]);
        Assert.Equal("tiny", file.Producer);
        Assert.Equal("Softmax", file.MakerOf("y"));
        Assert.Null(file.MakerOf("x"));
        Assert.Equal(["ai.onnx.ml"], file.Domains);
    }

    [Fact]
    public void Read_NodesThatFeedThemselves_End() =>
        Assert.Null(Read(new TinyOnnx().Node("Identity", ["a"], ["b"]).Node("Identity", ["b"], ["a"]).ToBytes()).MakerOf("a"));

    [Fact]
    public void Read_DamagedBytes_AreReadOrRefused()
    {
        var good = TinyOnnx.Classifier(32, 32, 4, 3);
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[..(i % 2 == 0 ? good.Length : random.Next(good.Length))];
            for (var flips = random.Next(1, 8); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Read(bytes);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 20_000);
    }

    [Theory]
    [InlineData(3L << 30, 8L << 30, "it has 3.0 GiB, and an ONNX file has at most 2 GiB: export it with external data")]
    [InlineData(1L << 30, 1L << 29, "it has 1.0 GiB, and this process may use 0.5 GiB of memory")]
    public void SizeFault_TooLarge_SaysTheCure(long bytes, long memory, string expected) =>
        Assert.StartsWith(expected, OnnxFile.SizeFault(bytes, memory), StringComparison.Ordinal);

    [Fact]
    public void SizeFault_OfWhatFits_IsNull() => Assert.Null(OnnxFile.SizeFault(1 << 20, 1 << 30));

    private static OnnxFile Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return OnnxFile.Read(stream);
    }
}
