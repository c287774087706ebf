using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Tests.Slots;

public class NumbersTests
{
    [Theory]
    [InlineData(double.NaN, false)]
    [InlineData(double.PositiveInfinity, false)]
    [InlineData(double.NegativeInfinity, true)]
    [InlineData(-3.5, true)]
    public void AreIn_ATensor_LooksAtEveryValue(double value, bool areNumbers)
    {
        for (var at = 0; at < 35; at++)
        {
            Assert.Equal(areNumbers, Numbers.AreIn(Part("FP32", At(at, (float)value))));
            Assert.Equal(areNumbers, Numbers.AreIn(Part("FP64", At(at, value))));
            Assert.Equal(areNumbers, Numbers.AreIn(Part("FP16", At(at, (Half)value))));
        }
    }

    [Fact]
    public void AreIn_IntegersAndTexts_AlwaysAreWhatTheyAre()
    {
        var bytes = Enumerable.Repeat((byte)0xff, 16).ToArray();
        Assert.True(Numbers.AreIn(Part("INT64", bytes)));
        Assert.True(Numbers.AreIn(Part("BYTES", bytes)));
    }

    private static byte[] At<T>(int at, T value)
        where T : unmanaged
    {
        var values = new T[35];
        values[at] = value;
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private static TensorPart Part(string datatype, byte[] bytes) => new("y", datatype, [35], bytes);
}
