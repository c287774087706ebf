using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Models;

public sealed class ModelRunnerTests
{
    [Fact]
    public void Run_OfAnyBatchInAnyOrder_ComputesExactlyItsRows()
    {
        using var model = OnnxModel.Load("scale", TinyOnnx.Scale(2, 4, 5), new ModelOptions { MaxBatch = 5 });
        using var runner = model.CreateRunner();
        foreach (var batch in new[] { 1, 5, 3, 2, 4, 1, 5 })
        {
            for (var row = 0; row < batch; row++) runner.InputRow(row).Fill(batch + (row * 10));
            runner.Run(batch);
            Assert.Equal(batch * 60, runner.Output().Length);
            Assert.Equal([batch, 3, 4, 5], runner.OutputShape());
            for (var row = 0; row < batch; row++)
                Assert.Equal(-1, runner.OutputRow(row).IndexOfAnyExcept(2f * (batch + (row * 10))));
        }
    }

    [Fact]
    public void Run_OfRowsElsewhere_ComputesThemAndThenItsOwnAgain()
    {
        using var model = OnnxModel.Load("scale", TinyOnnx.Scale(2, 4, 5), new ModelOptions { MaxBatch = 2 });
        using var runner = model.CreateRunner();
        var bytes = model.Inputs[0].RowBytes!.Value * 2;
        var elsewhere = GC.AllocateArray<byte>(bytes + 8, pinned: true);
        // One byte on, they lie where no float may lie, and are copied.
        foreach (var start in new[] { 0, 4, 1, 8 })
        {
            var rows = elsewhere.AsMemory(start, bytes);
            for (var i = 0; i < bytes / 4; i++) BitConverter.TryWriteBytes(rows.Span[(i * 4)..], start + 1f);
            runner.Input(2).Fill(7);
            runner.Run(rows, 2);
            Assert.Equal(-1, runner.Output().IndexOfAnyExcept(2 * (start + 1f)));
            runner.Input(2).Fill(5);
            runner.Run(2);
            Assert.Equal(-1, runner.Output().IndexOfAnyExcept(10f));
        }

        Assert.Throws<ArgumentException>(() => runner.Run(elsewhere, 2));
    }

    [Fact]
    public void Run_AtSteadyState_DoesNotAllocate()
    {
        using var model = OnnxModel.Load("scale", TinyOnnx.Scale(2, 32, 32), new ModelOptions { MaxBatch = 4 });
        using var runner = model.CreateRunner();
        runner.WarmUp([1, 2, 3, 4]);
        float sum = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
        {
            var batch = (i % 4) + 1;
            runner.Input(batch).Fill(i);
            runner.Run(batch);
            sum += runner.OutputRow(batch - 1)[0] + runner.Output()[0] + runner.OutputBytes()[0];
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 0);
    }

    [Fact]
    public void Runners_OfOneModel_DoNotShareBuffers()
    {
        using var model = OnnxModel.Load("scale", TinyOnnx.Scale(3, 8, 8), new ModelOptions());
        Parallel.For(0, 4, n =>
        {
            using var runner = model.CreateRunner();
            for (var i = 0; i < 100; i++)
            {
                runner.Input(2).Fill((n * 1000) + i);
                runner.Run(2);
                Assert.Equal(3f * ((n * 1000) + i), runner.OutputRow(1)[7]);
            }
        });
    }

    [Fact]
    public void Dispose_OfTheModelFirst_LetsItsRunnersFinish()
    {
        var model = OnnxModel.Load("scale", TinyOnnx.Scale(2, 2, 2), new ModelOptions());
        var runner = model.CreateRunner();
        model.Dispose();
        model.Dispose();
        runner.Input(1).Fill(1);
        runner.Run(1);
        Assert.Equal(2, runner.Output()[0]);
        Assert.Throws<ObjectDisposedException>(model.CreateRunner);
        runner.Dispose();
        runner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => runner.Run(1));
    }

    [Fact]
    public void Run_OfSeveralInputsAndDatatypes_TakesAndGivesBytes()
    {
        var bytes = new TinyOnnx()
            .Input("a", TinyOnnx.Int64, "N", 2).Input("b", TinyOnnx.Int64, "N", 2).Input("c", TinyOnnx.UInt8, "N", 3)
            .Output("sum", TinyOnnx.Int64, "N", 2).Output("f", TinyOnnx.Float, "N", 3)
            .Node("Add", ["a", "b"], ["sum"])
            .Node("Cast", ["c"], ["f"], ("to", 1L))
            .ToBytes();
        using var model = OnnxModel.Load("mixed", bytes, new ModelOptions());
        using var runner = model.CreateRunner();
        Assert.Equal(["INT64", "INT64", "UINT8"], model.Inputs.Select(i => i.Datatype));

        MemoryMarshal.AsBytes<long>([1, 2, 3, 4]).CopyTo(runner.InputBytes(2, 0));
        MemoryMarshal.AsBytes<long>([10, 20, 30, 40]).CopyTo(runner.InputBytes(2, 1));
        ((byte[])[1, 2, 3, 4, 5, 255]).CopyTo(runner.InputBytes(2, 2));
        runner.Run(2);

        Assert.Equal([11, 22, 33, 44], MemoryMarshal.Cast<byte, long>(runner.OutputBytes(0)).ToArray());
        Assert.Equal([1, 2, 3, 4, 5, 255], runner.Output(1).ToArray());
        Assert.Equal(1, model.Output("f").Index);
        Assert.Throws<ModelException>(() => runner.Output(0).Length);
        Assert.Throws<ModelException>(() => runner.Input(1, 0).Length);
        Assert.Contains("no output 'g'", Assert.Throws<ModelException>(() => model.Output("g")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OfAnOutputWithoutFixedSize_GivesWhatEachRunMade()
    {
        var bytes = new TinyOnnx()
            .Input("x", TinyOnnx.Float, "N", 4)
            .Output("y", TinyOnnx.Float, "N", 4)
            .Output("where", TinyOnnx.Int64, 2, "count")
            .Node("NonZero", ["x"], ["where"])
            .Node("Relu", ["x"], ["y"])
            .ToBytes();
        using var model = OnnxModel.Load("nonzero", bytes, new ModelOptions());
        using var runner = model.CreateRunner();
        float[][] rows = [[0, 1, 0, 2], [0, 0, 0, 0], [1, 2, -3, 4]];
        long[][] where = [[0, 0, 1, 3], [], [0, 0, 0, 0, 0, 1, 2, 3]];
        foreach (var i in new[] { 0, 2, 1, 0, 2 })
        {
            rows[i].CopyTo(runner.Input(1));
            runner.Run(1);
            Assert.Equal([1, 2, where[i].Length / 2], runner.OutputShape(1));
            Assert.Equal(where[i], MemoryMarshal.Cast<byte, long>(runner.OutputBytes(1)).ToArray());
            Assert.Equal(where[i], MemoryMarshal.Cast<byte, long>(runner.OutputRowBytes(0, 1)).ToArray());
            Assert.Equal(rows[i].Select(v => Math.Max(v, 0)), runner.Output(0).ToArray());
        }
    }

    [Fact]
    public void Run_OfAModelWithAFixedBatch_PadsSmallerOnes()
    {
        var bytes = new TinyOnnx().Input("x", TinyOnnx.Float, 4, 2).Output("y", TinyOnnx.Float, 4, 2).Node("Neg", ["x"], ["y"]).ToBytes();
        using var model = OnnxModel.Load("fixed", bytes, new ModelOptions { MaxBatch = 32 });
        using var runner = model.CreateRunner();
        Assert.Equal(4, model.MaxBatch);
        runner.Input(3).Fill(7);
        runner.Run(3);
        Assert.Equal([-7, -7, -7, -7, -7, -7], runner.Output().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => runner.Run(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => runner.Run(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => runner.OutputRow(3).Length);
    }

    [Fact]
    public void Load_OfWhatCannotBeServed_SaysWhich()
    {
        Assert.Contains("no-such.onnx", Message(() => OnnxModel.Load("m", "no-such.onnx", new ModelOptions())), StringComparison.Ordinal);
        Assert.Contains("'m'", Message(() => OnnxModel.Load("m", [1, 2, 3], new ModelOptions())), StringComparison.Ordinal);
    }

    [Fact]
    public void CreateRunner_OfAModelWhoseRowsHaveNoFixedSize_SaysWhy()
    {
        var bytes = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, "H", "W").Output("y", TinyOnnx.Float, "N", 3, "H", "W").Node("Neg", ["x"], ["y"]).ToBytes();
        using var model = OnnxModel.Load("m", bytes, new ModelOptions());
        Assert.Contains("x FP32 [-1,3,-1,-1]", Message(() => model.CreateRunner()), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ThatFailsInTheModel_ThrowsAndTheNextWorks()
    {
        var bytes = new TinyOnnx().Input("x", TinyOnnx.Int64, "N", 1).Output("y", TinyOnnx.Float, "N", 1)
            .Constant("table", [5f, 6f, 7f], 3).Node("Gather", ["table", "x"], ["y"]).ToBytes();
        using var model = OnnxModel.Load("gather", bytes, new ModelOptions());
        using var runner = model.CreateRunner();
        var input = MemoryMarshal.Cast<byte, long>(runner.InputBytes(1));
        input[0] = 99;
        Assert.Contains("'gather' failed on a batch of 1", Message(() => runner.Run(1)), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => runner.Output().Length);
        input[0] = 2;
        runner.Run(1);
        Assert.Equal([7], runner.Output().ToArray());
    }

    [Fact]
    public void Load_WithSeveralThreads_ComputesTheSame()
    {
        using var one = OnnxModel.Load("m", TinyOnnx.Classifier(16, 16, 8, 3), new ModelOptions());
        using var two = OnnxModel.Load("m", TinyOnnx.Classifier(16, 16, 8, 3), new ModelOptions { Threads = 2 });
        using var a = one.CreateRunner();
        using var b = two.CreateRunner();
        for (var i = 0; i < a.Input(2).Length; i++) a.Input(2)[i] = b.Input(2)[i] = i % 17 / 17f;
        a.Run(2);
        b.Run(2);
        for (var i = 0; i < 6; i++) Assert.Equal(a.Output()[i], b.Output()[i], 1e-5f);
    }

    [Fact]
    public void Load_ForAGpuThatIsNotThere_FallsBackAndSaysWhy()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(2, 2, 2), new ModelOptions { Provider = ExecutionProvider.Cuda });
        using var runner = model.CreateRunner();
        runner.Input(1).Fill(2);
        runner.Run(1);
        Assert.Equal(4, runner.Output()[0]);
        Assert.Equal(model.Provider == "cpu", model.ProviderFallback is not null);
    }

    [Fact]
    public void Metadata_OfTheFile_IsThere()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(2, 2, 2), new ModelOptions());
        Assert.Equal("car,person", model.Metadata["labels"]);
        Assert.True(model.Inputs[0].IsImage);
        Assert.Equal(("x", "FP32"), (model.Inputs[0].Description.Name, model.Inputs[0].Description.Datatype));
    }

    private static string Message(Action action) => Assert.Throws<ModelException>(action).Message;
}
