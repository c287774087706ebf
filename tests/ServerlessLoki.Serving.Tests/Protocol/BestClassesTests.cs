using System.Runtime.InteropServices;
using System.Text;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Tests.Protocol;

public sealed class BestClassesTests
{
    [Fact]
    public void Of_WhatIsNoNumber_ComesLast() => Assert.Equal(
        ["inf:1", "2.000000:3", "-inf:2", "nan:0"], Texts(BestClasses.Of(Output(Datatype.Fp32, [1, 4], [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 2f]), 4)));

    [Fact]
    public void Of_EqualValues_TheEarlierFirst() =>
        Assert.Equal(["3:1", "3:2"], Texts(BestClasses.Of(Output(Datatype.Int64, [1, 4], [1L, 3L, 3L, 2L]), 2)));

    [Fact]
    public void Of_ManyValues_AreThoseThatSortingGives()
    {
        var random = new Random(7);
        var values = Enumerable.Range(0, 5000).Select(_ => random.Next(900)).ToArray();
        Assert.Equal(
            values.Index().OrderByDescending(static v => v.Item).ThenBy(static v => v.Index).Take(1000).Select(static v => $"{v.Item}:{v.Index}"),
            Texts(BestClasses.Of(Output(Datatype.Int32, [1, 5000], values), 1000)));
    }

    [Fact]
    public void Of_MoreTextsThanAnAnswerMayHave_IsRefused() =>
        Assert.Equal(422, Assert.Throws<ApiFaultException>(() => BestClasses.Of(Output(Datatype.UInt8, [200, 10_000], new byte[2_000_000]), 10_000)).Status);

    [Fact]
    public void Of_RowsOfSeveralDimensions_AreTakenFlat() =>
        Assert.Equal(["0.500000:3", "9.000000:0"], Texts(BestClasses.Of(Output(Datatype.Fp16, [2, 2, 2], [(Half)0, (Half)0.25, (Half)0, (Half)0.5, (Half)9, (Half)0, (Half)0, (Half)0]), 1)));

    [Fact]
    public void Of_ModelWithoutBatch_IsOneRow()
    {
        var best = BestClasses.Of(Output(Datatype.UInt8, [3], [(byte)7, (byte)200, (byte)9]) with { HasRows = false }, 2);
        Assert.Equal(["200:1", "9:2"], Texts(best));
        Assert.Equal([2L], best.Shape);
    }

    [Fact]
    public void Of_NoRows_GivesNone() => Assert.Equal([0L, 3], BestClasses.Of(Output<float>(Datatype.Fp32, [0, 3], []), 5).Shape);

    [Theory]
    [InlineData("BYTES")]
    [InlineData("BOOL")]
    [InlineData("BF16")]
    public void Fault_NoNumbers_SaysSo(string datatype) => Assert.Contains("holds no class scores", BestClasses.Fault(new TensorDescription("y", datatype, [-1, 2])), StringComparison.Ordinal);

    private static OutputTensor Output<T>(Datatype datatype, long[] shape, T[] values)
        where T : unmanaged => new("y", datatype, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static IEnumerable<string> Texts(OutputTensor tensor) => TextElements.Of(tensor.Bytes).Select(t => Encoding.UTF8.GetString(t.Span));
}
