using ServerlessLoki.Serving.Models;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Models;

/// <summary>Where a batch's rows are is found by trying; what cannot share a batch runs alone.</summary>
public sealed class BatchProbeTests
{
    [Fact]
    public void Rows_OfATimeMajorOutput_AreTheirOwn()
    {
        using var model = Load(TimeMajor("N", "N"));
        Assert.Null(model.HeldBecause);
        Assert.Equal([-1, 2, 2], model.Described.Outputs[0].Shape);
        using var runner = model.CreateRunner();
        foreach (var batch in new[] { 3, 1, 5, 2 })
        {
            for (var row = 0; row < batch; row++) ((float[])[row, row + 10, row + 20, row + 30]).CopyTo(runner.InputRow(row));
            runner.Run(batch);
            Assert.Equal([batch, 2, 2], runner.OutputShape());
            for (var row = 0; row < batch; row++) Assert.Equal([row, row + 10, row + 20, row + 30], runner.OutputRow(row).ToArray());
            Assert.Equal(runner.OutputRow(batch - 1).ToArray(), runner.Output()[^4..].ToArray());
        }
    }

    [Fact]
    public void Rows_OfATimeMajorOutputOfAFixedBatch_AreTheirOwn()
    {
        using var model = Load(TimeMajor(3, 3));
        Assert.Equal((null, 3), (model.HeldBecause, model.MaxBatch));
        using var runner = model.CreateRunner();
        for (var row = 0; row < 2; row++) ((float[])[row, row + 10, row + 20, row + 30]).CopyTo(runner.InputRow(row));
        runner.Run(2);
        Assert.Equal([2, 2, 2], runner.OutputShape());
        Assert.Equal([1, 11, 21, 31], runner.OutputRow(1).ToArray());
    }

    [Fact]
    public void Rows_ThatAreSeveralOfTheFirstDimension_AreTheirOwn()
    {
        var bytes = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "M", 2)
            .Constant("shape", new long[] { -1, 2 }, 2).Node("Reshape", ["x", "shape"], ["y"]).ToBytes();
        using var model = Load(bytes);
        Assert.Equal([-1, 2, 2], model.Described.Outputs[0].Shape);
        using var runner = model.CreateRunner();
        for (var i = 0; i < 12; i++) runner.Input(3)[i] = i;
        runner.Run(3);
        Assert.Equal([3, 2, 2], runner.OutputShape());
        Assert.Equal([4, 5, 6, 7], runner.OutputRow(1).ToArray());
    }

    [Theory]
    [InlineData("mean", "does not grow with the batch: [1,4] for one row, [1,4] for 2")]
    [InlineData("mixed", "output 'y' of a row depends on the rows beside it")]
    [InlineData("inside", "a batch of 2 fails: ")]
    [InlineData("loose", "the size of output 'y' depends on the data")]
    public void Model_WhoseRowsCannotShareABatch_IsHeldAtOne(string kind, string because)
    {
        using var model = Load(kind switch
        {
            "mean" => Mean().Output("y", TinyOnnx.Float, "N", 4).Node("Identity", ["mean"], ["y"]).ToBytes(),
            "mixed" => Mean().Output("y", TinyOnnx.Float, "N", 4).Node("Sub", ["x", "mean"], ["y"]).ToBytes(),
            "inside" => new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "N", 4)
                .Constant("shape", new long[] { 1, 4 }, 2).Node("Reshape", ["x", "shape"], ["y"]).ToBytes(),
            _ => new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "num", 2)
                .Node("Relu", ["x"], ["positive"]).Node("NonZero", ["positive"], ["at"]).Node("Transpose", ["at"], ["rows"]).Node("Cast", ["rows"], ["y"], ("to", 1L)).ToBytes(),
        });
        Assert.Contains(because, model.HeldBecause, StringComparison.Ordinal);
        Assert.DoesNotContain("onnxruntime", model.HeldBecause, StringComparison.Ordinal);
        Assert.Equal(1, model.MaxBatch);
        using var runner = model.CreateRunner();
        for (var i = 0; i < 2; i++)
        {
            ((float[])[1, i, 2, 3]).CopyTo(runner.Input(1));
            runner.Run(1);
            float[] expected = kind switch
            {
                "mixed" => [0, 0, 0, 0],
                "loose" => i == 0 ? [0, 0, 0, 2, 0, 3] : [0, 0, 0, 1, 0, 2, 0, 3],
                _ => [1, i, 2, 3],
            };
            Assert.Equal(expected, runner.OutputRow(0).ToArray());
        }
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(2, null)]
    [InlineData(1, "two different rows could not be tried")]
    public void Model_WhoseIntegersAreIndices_IsTriedWithSmallOnes(int table, string? because)
    {
        // A table of one entry takes no two different rows, and the file names no batch.
        var bytes = new TinyOnnx().Input("x", TinyOnnx.Int64, "N", 1).Output("y", TinyOnnx.Float, "M", 1)
            .Constant("table", [.. Enumerable.Range(0, table).Select(i => (float)i)], table).Node("Gather", ["table", "x"], ["y"]).ToBytes();
        using var model = Load(bytes);
        if (because is null) Assert.Null(model.HeldBecause);
        else Assert.Contains(because, model.HeldBecause, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_ThatCannotBeTriedWithDifferentRows_IsWhatItsFileSays()
    {
        var bytes = new TinyOnnx().Input("x", TinyOnnx.Int64, "batch", 1).Output("y", TinyOnnx.Float, "batch", 1)
            .Constant("table", [5f], 1).Node("Gather", ["table", "x"], ["y"]).ToBytes();
        using var model = Load(bytes);
        Assert.Equal((null, 5), (model.HeldBecause, model.MaxBatch));
    }

    [Fact]
    public void Batch_WhoseSizeDependsOnTheData_IsNeverSharedOut()
    {
        // "y" has one column more for each value above 100, which no probe draws.
        var bytes = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "N", "K")
            .Constant("limit", [100f], 1).Constant("one", new long[] { 1 }, 1).Constant("zero", new long[] { 0 }, 1)
            .Node("Greater", ["x", "limit"], ["large"]).Node("Cast", ["large"], ["count"], ("to", 7L))
            .Node("ReduceMax", ["count"], ["most"], ("keepdims", 0L)).Node("Add", ["one", "most"], ["end"])
            .Node("Slice", ["x", "zero", "end", "one"], ["y"]).ToBytes();
        using var model = Load(bytes);
        Assert.Equal((null, 5), (model.HeldBecause, model.MaxBatch));
        using var runner = model.CreateRunner();
        ((float[])[1, 2, 3, 4, 101, 6, 7, 8]).CopyTo(runner.Input(2));
        Assert.Contains("depends on the data", Assert.Throws<ModelException>(() => runner.Run(2)).Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (model.MaxBatch, runner.MaxBatch));
        Assert.Contains("output 'y'", model.HeldBecause, StringComparison.Ordinal);
        runner.Run(1);
        Assert.Equal([1], runner.OutputRow(0).ToArray());
        ((float[])[101, 6, 7, 8]).CopyTo(runner.Input(1));
        runner.Run(1);
        Assert.Equal([101, 6], runner.OutputRow(0).ToArray());
    }

    [Fact]
    public void File_IsTriedOnceInAProcess()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, TimeMajor("N", "N"));
            using var first = OnnxModel.Load("a", file, new ModelOptions());
            using var second = OnnxModel.Load("b", file, new ModelOptions { MaxBatch = 2, Optimize = false });
            Assert.Same(first.Layout, second.Layout);
            File.WriteAllBytes(file, TinyOnnx.Scale(1, 2, 2));
            using var other = OnnxModel.Load("c", file, new ModelOptions());
            Assert.NotSame(first.Layout, other.Layout);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static OnnxModel Load(byte[] bytes) => OnnxModel.Load("m", bytes, new ModelOptions { MaxBatch = 5 });

    private static TinyOnnx Mean() => new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4)
        .Node("ReduceMean", ["x"], ["mean"], ("axes", new long[] { 0 }), ("keepdims", 1L));

    /// <summary>y[t, n] = x[n, 2 t .. 2 t + 1].</summary>
    private static byte[] TimeMajor(object inputBatch, object outputBatch) => new TinyOnnx()
        .Input("x", TinyOnnx.Float, inputBatch, 4).Output("y", TinyOnnx.Float, 2, outputBatch, 2)
        .Constant("shape", new long[] { -1, 2, 2 }, 3).Node("Reshape", ["x", "shape"], ["pairs"])
        .Node("Transpose", ["pairs"], ["y"], ("perm", new long[] { 1, 0, 2 })).ToBytes();
}
