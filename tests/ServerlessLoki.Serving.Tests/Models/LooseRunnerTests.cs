using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Models;

/// <summary>Models whose rows have no fixed size: each row gets what it gets alone.</summary>
public class LooseRunnerTests
{
    [Fact]
    public void Run_RowsOfUnlikeLength_EachGetsItsOwn()
    {
        // y = x · mask summed over an open dimension: another row's padding would show.
        using var model = Load(new TinyOnnx().Input("x", TinyOnnx.Float, "N", "S").Input("m", TinyOnnx.Float, "N", "S").Output("y", TinyOnnx.Float, "N")
            .Node("Mul", ["x", "m"], ["p"]).Node("ReduceMean", ["p"], ["y"], ("axes", new long[] { 1 }), ("keepdims", 0L)));
        Assert.Equal((false, true, null), (model.IsSized, model.HasBatch, model.HeldBecause));
        using var runner = model.CreateLooseRunner();
        float[][] rows = [[1, 3], [5], [2, 4, 6], [10, 30], [7]];
        for (var row = 0; row < rows.Length; row++)
        {
            runner.Set(row, 0, Floats(rows[row]));
            runner.Set(row, 1, Floats([.. rows[row].Select(_ => 1f)]));
        }

        runner.Run(rows.Length);

        Assert.Equal([2f, 5, 4, 20, 7], rows.Select((_, row) => Values(runner.OutputsOf(row)[0])[0]));
        Assert.All(rows, (_, row) => Assert.Empty(runner.OutputsOf(row)[0].Shape));
    }

    [Fact]
    public void Run_OpenOutput_KeepsEachRowsShape()
    {
        using var model = Load(new TinyOnnx().Input("x", TinyOnnx.Float, "N", "S").Output("y", TinyOnnx.Float, "N", "S").Node("Neg", ["x"], ["y"]));
        using var runner = model.CreateLooseRunner();
        runner.Set(0, 0, Floats([1, 2, 3]));
        runner.Set(1, 0, Floats([4]));
        runner.Run(2);
        Assert.Equal([3L], runner.OutputsOf(0)[0].Shape);
        Assert.Equal([-1f, -2, -3], Values(runner.OutputsOf(0)[0]));
        Assert.Equal([-4f], Values(runner.OutputsOf(1)[0]));
    }

    [Fact]
    public void Run_Texts_AreAnsweredAsTexts()
    {
        using var model = Load(new TinyOnnx().Input("s", TinyOnnx.Text, "N", 2).Output("t", TinyOnnx.Text, "N", 2).Node("Identity", ["s"], ["t"]));
        Assert.Equal("BYTES", model.Inputs[0].Datatype);
        using var runner = model.CreateLooseRunner();
        runner.Set(0, 0, Texts("a", "größer"));
        runner.Set(1, 0, Texts("", "z"));
        runner.Run(2);
        Assert.Equal(Texts("a", "größer").Bytes.ToArray(), runner.OutputsOf(0)[0].Bytes.ToArray());
        Assert.Equal(Texts("", "z").Bytes.ToArray(), runner.OutputsOf(1)[0].Bytes.ToArray());
    }

    [Fact]
    public void Run_MapsOfScores_BecomeLabelsAndScores()
    {
        using var model = Load(new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Node("Neg", ["x"], ["scores"]).ZipMap("scores", "p", "no", "yes"));
        Assert.Equal(["p.label BYTES", "p.score FP32"], model.Described.Outputs.Select(o => $"{o.Name} {o.Datatype}"));
        using var runner = model.CreateLooseRunner();
        runner.Set(0, 0, Floats([1, 2]));
        runner.Set(1, 0, Floats([3, 4]));
        runner.Run(2);
        Assert.Equal(Texts("no", "yes").Bytes.ToArray(), runner.OutputsOf(1)[0].Bytes.ToArray());
        Assert.Equal([-3f, -4], Values(runner.OutputsOf(1)[1]));
    }

    [Fact]
    public void Run_ModelWithoutABatch_RunsEachQueryInItsOwnShapes()
    {
        // Two fixed first dimensions and a scalar: none of them is the batch.
        using var model = Load(new TinyOnnx().Input("a", TinyOnnx.Float, 3, 2).Input("b", TinyOnnx.Float, 1, 2).Input("f", TinyOnnx.Float).Output("y", TinyOnnx.Float, 3, 2)
            .Node("Add", ["a", "b"], ["s"]).Node("Mul", ["s", "f"], ["y"]));
        Assert.Equal((false, 1), (model.HasBatch, model.MaxBatch));
        Assert.Contains("no dimension in common", model.HeldBecause, StringComparison.Ordinal);
        using var runner = model.CreateLooseRunner();
        runner.Set(0, 0, new LooseRow([3, 2], Bytes(1, 2, 3, 4, 5, 6)));
        runner.Set(0, 1, new LooseRow([1, 2], Bytes(10, 20)));
        runner.Set(0, 2, new LooseRow([], Bytes(2)));
        runner.Run(1);
        Assert.Equal([3L, 2], runner.OutputsOf(0)[0].Shape);
        Assert.Equal([22f, 44, 26, 48, 30, 52], Values(runner.OutputsOf(0)[0]));
    }

    [Theory]
    [InlineData(new long[] { 3 }, 8, "found [3]")]
    [InlineData(new long[] { 2, 1 }, 8, "found [2,1]")]
    [InlineData(new long[] { 2 }, 12, "came in 12 bytes")]
    public void Set_AnotherShapeOrSize_IsRefused(long[] shape, int bytes, string because)
    {
        using var model = Load(new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Input("s", TinyOnnx.Text, "N", 1).Output("y", TinyOnnx.Float, "N", 2).Node("Neg", ["x"], ["y"]));
        using var runner = model.CreateLooseRunner();
        Assert.Contains(because, Assert.Throws<ModelException>(() => runner.Set(0, 0, new LooseRow(shape, new byte[bytes]))).Message, StringComparison.Ordinal);
        Assert.Throws<ModelException>(() => runner.Set(0, 1, new LooseRow([1], new byte[] { 9, 0, 0, 0, 1 })));
    }

    [Fact]
    public void Load_RowsThatMix_AreHeldAtOne()
    {
        using var model = Load(new TinyOnnx().Input("x", TinyOnnx.Float, "N", "S").Output("y", TinyOnnx.Float, "N", "S")
            .Node("ReduceMean", ["x"], ["m"], ("axes", new long[] { 0 }), ("keepdims", 1L)).Node("Add", ["x", "m"], ["y"]));
        Assert.Contains("depends on the rows beside it", model.HeldBecause, StringComparison.Ordinal);
        Assert.Equal(1, model.MaxBatch);
    }

    [Fact]
    public void Load_RowsOfSeveralPlaces_AreHeldAtOneAndAnsweredAtAnyLength()
    {
        // As many places as the row is long: what the probe saw at one length holds for no other.
        using var model = Load(new TinyOnnx().Input("x", TinyOnnx.Float, "N", "S").Output("y", TinyOnnx.Float, "P", 1)
            .Constant("shape", new long[] { -1, 1 }, 2).Node("Reshape", ["x", "shape"], ["y"]));
        Assert.Contains("several places", model.HeldBecause, StringComparison.Ordinal);
        using var runner = model.CreateLooseRunner();
        foreach (var length in new[] { 3, 8, 1 })
        {
            float[] row = [.. Enumerable.Range(1, length).Select(i => (float)i)];
            runner.Set(0, 0, Floats(row));
            runner.Run(1);
            Assert.Equal(row, Values(runner.OutputsOf(0)[0]));
            runner.Clear();
        }
    }

    private static OnnxModel Load(TinyOnnx model) => OnnxModel.Load("m", model.ToBytes(), new ModelOptions { MaxBatch = 8 });

    private static LooseRow Floats(float[] values) => new([values.Length], Bytes(values));

    private static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static float[] Values(TensorPart part) => MemoryMarshal.Cast<byte, float>(part.Bytes.Span).ToArray();

    private static LooseRow Texts(params string[] texts)
    {
        using var bytes = new MemoryStream();
        foreach (var text in texts)
            TextElements.Add(bytes, text);
        return new LooseRow([texts.Length], bytes.ToArray());
    }
}
