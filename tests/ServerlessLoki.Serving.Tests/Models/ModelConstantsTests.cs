using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Models;

/// <summary>Inputs that the pipeline file gives a value, and inputs with an initialiser.</summary>
public sealed class ModelConstantsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-constants-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // y = (x + each) · factor: a row of its own for each query, and a scalar for all.
    [Fact]
    public void Run_SizedModel_EachRowGetsTheConstants()
    {
        using var model = Load(
            new TinyOnnx().Input("each", TinyOnnx.Float, "N", 2).Input("x", TinyOnnx.Float, "N", 2).Input("factor", TinyOnnx.Float).Output("y", TinyOnnx.Float, "N", 2)
                .Node("Add", ["x", "each"], ["sum"]).Node("Mul", ["sum", "factor"], ["y"]), ("each", [10, 20]), ("factor", [3]));
        Assert.Equal("x", Assert.Single(model.Inputs).Name);
        Assert.True(model.IsSized);
        Assert.Null(model.HeldBecause);
        using var runner = model.CreateRunner();
        foreach (var batch in (int[])[1, 5, 2])
        {
            for (var row = 0; row < batch; row++)
                ((float[])[row, -row]).CopyTo(runner.InputRow(row));
            runner.Run(batch);
            for (var row = 0; row < batch; row++)
                Assert.Equal([3f * (10 + row), 3f * (20 - row)], runner.OutputRow(row).ToArray());
        }
    }

    // The first count values, as an INT64 [1] that is no batch.
    [Fact]
    public void Run_OpenLengths_ConstantHasNoPartInTheBatch()
    {
        using var model = Load(
            new TinyOnnx().Input("x", TinyOnnx.Float, "N", "T").Input("count", TinyOnnx.Int64, 1).Output("y", TinyOnnx.Float, "N", "K")
                .Constant("from", new long[] { 0 }, 1).Constant("axis", new long[] { 1 }, 1).Node("Slice", ["x", "from", "count", "axis"], ["y"]), ("count", [2]));
        Assert.Null(model.FixedBatch);
        using var runner = model.CreateLooseRunner();
        for (var row = 0; row < 4; row++)
            runner.Set(row, 0, new LooseRow([3], MemoryMarshal.AsBytes<float>([row, row + 10, row + 20]).ToArray()));
        runner.Run(4);
        for (var row = 0; row < 4; row++)
            Assert.Equal([row, row + 10f], MemoryMarshal.Cast<byte, float>(runner.OutputsOf(row)[0].Bytes.Span).ToArray());
    }

    [Theory]
    [InlineData(false, 5f)]
    [InlineData(true, 7f)]
    public void Run_InputWithAnInitialiser_IsOptional(bool isReplaced, float expected)
    {
        var file = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 1).Input("scale", TinyOnnx.Float, 1).Constant("scale", [5f], 1).Output("y", TinyOnnx.Float, "N", 1).Node("Mul", ["x", "scale"], ["y"]);
        using var model = isReplaced ? Load(file, ("scale", [7])) : Load(file);
        Assert.Equal("x", Assert.Single(model.Inputs).Name);
        using var runner = model.CreateRunner();
        runner.InputRow(0)[0] = 1;
        runner.Run(1);
        Assert.Equal(expected, runner.OutputRow(0)[0]);
    }

    [Fact]
    public void Load_ConstantsThatDoNotFit_SaysAllOfThem()
    {
        var file = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Input("k", TinyOnnx.Int64, 1).Input("m", TinyOnnx.Float, "N", 3).Output("y", TinyOnnx.Float, "N", 2).Node("Identity", ["x"], ["y"]);
        var message = Assert.Throws<ModelException>(() => Load(file, ("gone", [1]), ("k", [1.5]), ("m", [1, 2]))).Message;
        Assert.Contains("names 'gone', which is no input of it; it has x, k, m", message, StringComparison.Ordinal);
        Assert.Contains("constant k INT64 [1] has the value 1.5; it takes whole numbers from -9007199254740992 to 9007199254740992", message, StringComparison.Ordinal);
        Assert.Contains("constant m FP32 [-1,3] has 2 values; it takes one for all, or 3", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TinyOnnx.UInt8, 255, 256, "whole numbers from 0 to 255")]
    [InlineData(TinyOnnx.Int32, -2147483648, -2147483649.0, "whole numbers from -2147483648 to 2147483647")]
    [InlineData(TinyOnnx.Half, 65504, 65520, "numbers of at most ±65504")]
    [InlineData(TinyOnnx.Float, 3.4e38, 3.5e38, "numbers of at most ±3.4028234663852886E+38")]
    [InlineData(9, 1, 2, "0 or 1")]
    public void Load_NumberThatTheDatatypeDoesNotHold_IsRefused(int type, double good, double bad, string allowed)
    {
        Load(File(), ("k", [good])).Dispose();
        Assert.Contains(allowed, Assert.Throws<ModelException>(() => Load(File(), ("k", [bad]))).Message, StringComparison.Ordinal);

        TinyOnnx File() => new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Input("k", type, 1).Output("y", TinyOnnx.Float, "N", 2).Node("Identity", ["x"], ["y"]);
    }

    [Fact]
    public void Run_TextAndHalfLengthNumbers_AreConstants()
    {
        using var model = LoadWith(Texts(), ("t", new TensorConstant { Texts = ["a", "grün"] }));
        using var runner = model.CreateLooseRunner();
        for (var row = 0; row < 3; row++)
            runner.Set(row, 0, new LooseRow([1], new byte[4]));
        runner.Run(3);
        for (var row = 0; row < 3; row++)
            Assert.Equal(["a", "grün"], TextElements.Of(runner.OutputsOf(row)[0].Bytes).Select(static e => System.Text.Encoding.UTF8.GetString(e.Span)));
        Assert.Contains("takes texts", Assert.Throws<ModelException>(() => Load(Texts(), ("t", [1]))).Message, StringComparison.Ordinal);

        var half = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 1).Input("k", BFloat16, 1).Output("y", TinyOnnx.Float, "N", 1)
            .Node("Cast", ["k"], ["whole"], ("to", 1L)).Node("Mul", ["x", "whole"], ["y"]);
        using var second = Load(half, ("k", [1.00390625]));
        using var sized = second.CreateRunner();
        sized.InputRow(0)[0] = 1;
        sized.Run(1);
        // Between 1 and 1 + 2⁻⁷: the even one of both.
        Assert.Equal(1, sized.OutputRow(0)[0]);

        static TinyOnnx Texts() => new TinyOnnx().Input("x", TinyOnnx.Float, "N", 1).Input("t", TinyOnnx.Text, "N", 2).Output("y", TinyOnnx.Text, "N", 2).Node("Identity", ["t"], ["y"]);
    }

    [Fact]
    public void Load_ConstantsOfTooManyBytes_SaysHowManyMayBe()
    {
        var file = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Input("k", TinyOnnx.Float, "N", 3000, 3000).Output("y", TinyOnnx.Float, "N", 2).Node("Identity", ["x"], ["y"]);
        Assert.Contains("its constants have 275 MB at a batch of 8; at most 256 MB are served", Assert.Throws<ModelException>(() => Load(file, ("k", [1]))).Message, StringComparison.Ordinal);
    }

    private const int BFloat16 = 16;

    private OnnxModel Load(TinyOnnx file, params (string Name, double[] Values)[] constants) =>
        LoadWith(file, [.. constants.Select(static c => (c.Name, new TensorConstant { Numbers = [.. c.Values] }))]);

    private OnnxModel LoadWith(TinyOnnx file, params (string Name, TensorConstant Value)[] constants)
    {
        var path = Path.Combine(_folder, "m.onnx");
        File.WriteAllBytes(path, file.ToBytes());
        var input = new TaskInput { Constants = constants.ToImmutableSortedDictionary(static c => c.Name, static c => c.Value, StringComparer.Ordinal) };
        return OnnxModel.Load(new Variant(0, "v", path, 1) { Input = input }, path, new ModelOptions { MaxBatch = 8 });
    }
}
