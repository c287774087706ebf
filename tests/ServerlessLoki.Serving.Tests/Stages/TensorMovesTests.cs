using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Tests.Stages;

public sealed class TensorMovesTests
{
    // 0 1 2
    // 3 4 5
    private static readonly TensorPart s_six = new("y", "FP32", [2, 3], MemoryMarshal.AsBytes<float>([0, 1, 2, 3, 4, 5]).ToArray());

    [Fact]
    public void Move_SliceThenTransposeThenReshape()
    {
        Check([2L, 2], [1, 4, 2, 5], new TensorPass { Slice = [(0, int.MaxValue), (-2, int.MaxValue)], Transpose = [1, 0] });
        Check([1L, 2], [0, 1], new TensorPass { Slice = [(0, 1), (0, -1)] });
        Check([3L, 1, 2], [0, 1, 2, 3, 4, 5], new TensorPass { Reshape = [3, 1, -1] });
        Check([6L], [0, 3, 1, 4, 2, 5], new TensorPass { Transpose = [1, 0], Reshape = [-1] });
    }

    [Fact]
    public void Move_Cast_CutsFractionsAndStaysInRange()
    {
        var part = new TensorPart("y", "FP32", [4], MemoryMarshal.AsBytes<float>([-1.9f, 0, 2.9f, 300]).ToArray());
        var pass = new TensorPass { Cast = true };
        Assert.Equal([-1L, 0, 2, 300], MemoryMarshal.Cast<byte, long>(TensorMoves.Move(part, pass, "INT64").Bytes.Span).ToArray());
        Assert.Equal([0, 0, 2, 255], TensorMoves.Move(part, pass, "UINT8").Bytes.ToArray());
        Assert.Equal([1, 0, 1, 1], TensorMoves.Move(part, pass, "BOOL").Bytes.ToArray());
        Assert.Equal([(Half)(-1.9f), (Half)0, (Half)2.9f, (Half)300], MemoryMarshal.Cast<byte, Half>(TensorMoves.Move(part, pass, "FP16").Bytes.Span).ToArray());
    }

    [Fact]
    public void Move_Texts_KeepTheirLengths()
    {
        using var bytes = new MemoryStream();
        foreach (var text in (string[])["a", "longer", "", "d"])
            TextElements.Add(bytes, text);
        var moved = TensorMoves.Move(new TensorPart("y", "BYTES", [2, 2], bytes.ToArray()), new TensorPass { Transpose = [1, 0] }, "BYTES");
        Assert.Equal(["a", "", "longer", "d"], TextElements.Of(moved.Bytes).Select(static e => System.Text.Encoding.UTF8.GetString(e.Span)));
    }

    [Theory]
    [InlineData(3, 0, 9, "\"slice\" has 3 dimensions, it has 2")]
    [InlineData(1, 1, 1, "\"slice\" [1, 1] leaves nothing of dimension 0, which is 2")]
    [InlineData(1, 5, 9, "\"slice\" [5, 9] leaves nothing of dimension 0, which is 2")]
    public void ShapeOf_SliceThatDoesNotFit_SaysWhy(int dimensions, int start, int end, string fault)
    {
        Assert.Null(TensorMoves.ShapeOf([2, 3], new TensorPass { Slice = [.. Enumerable.Repeat((start, end), dimensions)] }, out var found));
        Assert.Equal(fault, found);
    }

    [Fact]
    public void ShapeOf_OpenDimensions_StayOpen()
    {
        Assert.Equal([3L, -1], TensorMoves.ShapeOf([-1, 3], new TensorPass { Transpose = [1, 0] }, out _)!);
        Assert.Equal([-1L, 4], TensorMoves.ShapeOf([-1, 8], new TensorPass { Reshape = [-1, 4] }, out _)!);
        Assert.Null(TensorMoves.ShapeOf([2, 3], new TensorPass { Reshape = [4, -1] }, out var fault));
        Assert.Equal("\"reshape\" [4,-1] does not hold its 6 elements", fault);
    }

    private static void Check(long[] shape, float[] values, TensorPass pass)
    {
        var row = TensorMoves.Move(s_six, pass, "FP32");
        Assert.Equal(shape, row.Shape);
        Assert.Equal(values, MemoryMarshal.Cast<byte, float>(row.Bytes.Span).ToArray());
    }
}
