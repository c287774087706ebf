using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Tests.Slots;

public class InputsTests
{
    [Theory]
    [InlineData(1f, false)]
    [InlineData(float.NaN, true)]
    [InlineData(float.NegativeInfinity, true)]
    public void HasNoNumbers_PackedTensors_LooksAtEachByItsDatatype(float value, bool expected)
    {
        // A name of one letter: the packed bytes are no multiple of four.
        var packed = TensorPack.Write([new TensorPart("i", "INT64", [1], Enumerable.Repeat((byte)0xff, 8).ToArray()), new TensorPart("x", "FP32", [2], Bytes(0, value))]);
        using var input = new TensorInput(PooledBytes.CopyOf(packed), packed.Length, isPacked: true);
        Assert.Equal(expected, Inputs.HasNoNumbers(input));
    }

    [Fact]
    public void HasNoNumbers_OneTensor_IsReadByItsDatatype()
    {
        // Two FP16 NaNs are a finite FP32.
        byte[] halves = [0, 0x7e, 0, 0x7e];
        using var half = new TensorInput(PooledBytes.CopyOf(halves), 4) { Datatype = "FP16" };
        using var single = new TensorInput(PooledBytes.CopyOf(halves), 4);
        Assert.Equal((true, false), (Inputs.HasNoNumbers(half), Inputs.HasNoNumbers(single)));
    }

    private static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
