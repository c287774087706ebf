using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Tests.Queries;

public class TensorPackTests
{
    private static readonly TensorPart[] Parts =
    [
        new("ids", "INT64", [2, 3], new byte[48]), new("größe", "FP32", [], new byte[] { 1, 2, 3, 4 }), new("", "BYTES", [0], ReadOnlyMemory<byte>.Empty),
    ];

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var read = TensorPack.Read(TensorPack.Write(Parts));
        Assert.Equal(Parts.Select(Text), read.Select(Text));
        Assert.Empty(TensorPack.Read(TensorPack.Write([])));
    }

    [Fact]
    public void Read_AnythingElse_IsRefusedAndNeverReadBeyond()
    {
        var packed = TensorPack.Write(Parts);
        for (var length = 0; length < packed.Length; length++)
            Assert.Throws<FormatException>(() => TensorPack.Read(packed.AsMemory(0, length)));
        Assert.Throws<FormatException>(() => TensorPack.Read(packed.Append((byte)0).ToArray()));
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var forged = packed.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
                forged[random.Next(forged.Length)] = (byte)random.Next(256);
            try
            {
                Assert.True(TensorPack.Read(forged).Sum(p => p.Bytes.Length) < packed.Length);
            }
            catch (FormatException)
            {
                // Refused.
            }
        }
    }

    private static string Text(TensorPart part) => $"{part.Name} {part.Datatype} [{string.Join(',', part.Shape)}] {Convert.ToHexString(part.Bytes.Span)}";
}
