using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

public sealed class PipelineFitTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-fit-").FullName;

    public PipelineFitTests()
    {
        File.WriteAllBytes(Path.Combine(_folder, "scale.onnx"), TinyOnnx.Scale(1, 2, 2));
        File.WriteAllBytes(Path.Combine(_folder, "wide.onnx"), TinyOnnx.Scale(1, 2, 4));
        File.WriteAllBytes(Path.Combine(_folder, "classify.onnx"), TinyOnnx.Classifier(2, 2, 4, 2));
        File.WriteAllBytes(Path.Combine(_folder, "broken.onnx"), [1, 2, 3]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Check_EverythingFits_KeepsThePipeline()
    {
        var source = Source("UINT8", "[-1, -1, 3]", "classify.onnx", "scale.onnx", parentKind: "\"kind\": \"classification\", \"labels\": [\"a\", \"b\", \"c\"]");
        var checkedSource = Check(source);
        Assert.Equal(source.Pipeline.Input, checkedSource.Pipeline.Input);
        Assert.Equal(["a", "b"], checkedSource.Models.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("p", "then", "FP32"), (checkedSource.Models["b"].Pipeline, checkedSource.Models["b"].Task, checkedSource.Models["b"].Inputs[0].Datatype));
    }

    [Fact]
    public void Check_EdgeDoesNotFitItsModels_SaysWhichAndWhy()
    {
        var fault = Assert.Single(Faults(Source("FP32", "[-1, 3, 2, 2]", "classify.onnx", "wide.onnx")));
        Assert.StartsWith("$.edges[0]: from a to b: 'identity': output y FP32 [-1,3]", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ParentVariantsGiveImagesOfOneSizeAndTwoShapes_IsRefused()
    {
        File.WriteAllBytes(Path.Combine(_folder, "long.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 2, 2).Output("y", TinyOnnx.Float, "N", 3, 1, 4)
            .Constant("shape", new long[] { -1, 3, 1, 4 }, 4).Node("Reshape", ["x", "shape"], ["y"]).ToBytes());
        var fault = Assert.Single(Faults(Source("FP32", "[-1, 3, 2, 2]", "scale.onnx", "wide.onnx", second: "long.onnx")));
        Assert.StartsWith("$.edges[0]: the images of a and a2 differ in shape and not in size", fault, StringComparison.Ordinal);
        Assert.Contains("y FP32 [-1,3,2,2], y FP32 [-1,3,1,4]", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SeveralThingsDoNotFit_ListsAllInOneGo()
    {
        var faults = Faults(Source("INT64", "[7]", "scale.onnx", "broken.onnx", second: "gone.onnx"));
        Assert.Equal(
            ["$.tasks[first].variants[a2].model", "$.tasks[then].variants[b].model", "$.input.datatype", "$.input.shape"],
            faults.Select(f => f.Split(':')[0]));
        Assert.EndsWith("found INT64; allowed: FP32", faults[2], StringComparison.Ordinal);
        Assert.EndsWith("found [7]; allowed: [3,2,2], or [-1,3,2,2] for batching clients", faults[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ModelThatCannotBeHeld_SaysHowLargeItsRowsAre()
    {
        File.WriteAllBytes(Path.Combine(_folder, "huge.onnx"), TinyOnnx.Scale(1, 30_000, 30_000));

        Assert.Contains(
            Faults(Source("FP32", "[-1, 3, 2, 2]", "scale.onnx", "huge.onnx")),
            f => f.Contains("'x' [-1,3,30000,30000] has 10300 MB a row; at most 256 MB are served", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_ModelIsAPipe_IsRefusedWithoutWaiting()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        System.Diagnostics.Process.Start("mkfifo", Path.Combine(_folder, "pipe.onnx")).WaitForExit();

        Assert.Contains(
            Faults(Source("FP32", "[-1, 3, 2, 2]", "scale.onnx", "pipe.onnx")),
            f => f.Contains("is empty, or no regular file", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[-1, 3, -1, -1]", new long[] { 1, 3, 2, 2 })]
    [InlineData("[1, 3, 2, 2]", new long[] { 1, 3, 2, 2 })]
    [InlineData("[3, -1, 2]", new long[] { 3, 2, 2 })]
    public void Check_OpenDimensions_BecomeThoseOfTheModel(string declared, long[] expected) =>
        Assert.Equal(expected, Check(Source("FP32", declared, "scale.onnx", "scale.onnx")).Pipeline.Input.Shape);

    [Fact]
    public void Check_RootVariantsTakeDifferentTensors_IsRefused()
    {
        var fault = Assert.Single(Faults(Source("FP32", "[-1, 3, -1, -1]", "scale.onnx", "scale.onnx", second: "wide.onnx")), f => f.StartsWith("$.input", StringComparison.Ordinal));
        Assert.Contains("variant a2 takes another", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_RootVariantsWithOtherInputs_IsRefused()
    {
        File.WriteAllBytes(Path.Combine(_folder, "two.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 2, 2).Input("m", TinyOnnx.Float, "N", 3, 2, 2)
            .Output("y", TinyOnnx.Float, "N", 3, 2, 2).Node("Mul", ["x", "m"], ["y"]).ToBytes());
        var fault = Assert.Single(Faults(Source("FP32", "[-1, 3, 2, 2]", "scale.onnx", "scale.onnx", second: "two.onnx")), f => f.StartsWith("$.tasks[0]", StringComparison.Ordinal));
        Assert.Contains("variant a2 takes other inputs than a", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ScalarOfTheParent_IsNoInputOfTheChild()
    {
        File.WriteAllBytes(Path.Combine(_folder, "loss.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, 1, 3, 2, 2)
            .Output("loss", TinyOnnx.Float).Node("ReduceMean", ["x"], ["loss"], ("keepdims", 0L)).ToBytes());
        var fault = Assert.Single(Faults(Source("FP32", "[-1, 3, 2, 2]", "loss.onnx", "scale.onnx")), f => f.StartsWith("$.edges", StringComparison.Ordinal));
        Assert.Contains("output loss FP32 [] of the parent is not what input x", fault, StringComparison.Ordinal);
    }

    // Two inputs without a batch in common: the output is one vector as it is.
    [Fact]
    public void Check_EmbeddingOfAModelWithoutABatch_HasTheWholeVector()
    {
        File.WriteAllBytes(Path.Combine(_folder, "whole"), new TinyOnnx().Input("x", TinyOnnx.Float, 4).Input("z", TinyOnnx.Float, 2).Output("y", TinyOnnx.Float, 6)
            .Node("Concat", ["x", "z"], ["y"], ("axis", 0L)).ToBytes());
        var pipeline = PipelineReader.Read(
            """
            { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "FP32", "shape": [4] },
              "tasks": [ { "name": "t", "output": { "kind": "embedding" }, "variants": [ { "name": "a", "model": "whole", "accuracy": 0.5 } ] } ] }
            """, "test.json");
        var tensor = Assert.Single(Check(new PipelineSource(pipeline, _folder)).Pipeline.Tensors[0]);
        Assert.Equal([6], tensor.Shape);
    }

    private static PipelineSource Check(PipelineSource source) =>
        PipelineFit.Check(source, TransformRegistry.Default, new ModelOptions(), "test.json");

    private static string[] Faults(PipelineSource source) =>
        [.. Assert.Throws<PipelineFormatException>(() => Check(source)).Faults.Select(f => f.ToString())];

    private PipelineSource Source(
        string datatype, string shape, string parent, string child, string? second = null, string parentKind = "\"kind\": \"tensor\"")
    {
        var more = second is null ? "" : $$""", { "name": "a2", "model": "{{second}}", "accuracy": 0.4 }""";
        return new PipelineSource(
            PipelineReader.Read(
                $$"""
                { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "{{datatype}}", "shape": {{shape}} },
                  "tasks": [
                    { "name": "first", "output": { {{parentKind}} }, "variants": [ { "name": "a", "model": "{{parent}}", "accuracy": 0.5 }{{more}} ] },
                    { "name": "then", "variants": [ { "name": "b", "model": "{{child}}", "accuracy": 0.5 } ] } ],
                  "edges": [ { "from": "first", "to": "then" } ] }
                """, "test.json"),
            _folder);
    }
}
