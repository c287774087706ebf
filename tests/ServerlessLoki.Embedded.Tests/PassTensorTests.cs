using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Outputs of a parent that become inputs of its child by name.</summary>
public sealed class PassTensorTests : IDisposable
{
    private readonly PipelineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The child multiplies the parent's values, turned, with their whole parts, and has either open or fixed sizes.</summary>
    [Theory]
    [InlineData("S")]
    [InlineData(3)]
    public async Task Infer_SeveralOutputs_ReachTheirInputs(object size)
    {
        _folder.Write("first.onnx", new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2, size).Output("same", TinyOnnx.Float, "N", 2, size).Output("twice", TinyOnnx.Float, "N", 2, size)
            .Node("Identity", ["x"], ["same"]).Node("Add", ["x", "x"], ["twice"]).ToBytes());
        _folder.Write("second.onnx", new TinyOnnx().Input("a", TinyOnnx.Float, "N", size, 2).Input("twice", TinyOnnx.Int64, "N", size, 2).Output("y", TinyOnnx.Float, "N", size, 2)
            .Node("Cast", ["twice"], ["whole"], ("to", 1L)).Node("Mul", ["a", "whole"], ["y"]).ToBytes());
        await using var host = await _folder.StartAsync(Pipeline(size is string ? "-1" : "3", """
            "a": { "output": "same", "transpose": [1, 0] }, "twice": { "transpose": [1, 0], "cast": true }
            """));
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(1, 24).Select(async c =>
        {
            var x = new[] { c, c + 0.25, c + 0.5, -c, -c - 0.25, 0 };
            var body = $$$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[2,3],"data":[{{{string.Join(',', x.Select(static v => v.ToString(System.Globalization.CultureInfo.InvariantCulture)))}}}]}]}""";
            var outputs = await PipelineFolder.OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer", body));
            Assert.Equal([.. ((int[])[0, 3, 1, 4, 2, 5]).Select(i => (float)(x[i] * Math.Truncate(2 * x[i])))], outputs["second"].Select(static v => v.GetSingle()));
        }));
    }

    [Theory]
    [InlineData("\"z\": \"same\"", "'pass-tensor': the child has no input 'z'; it has a FP32 [-1,3,2], twice INT64 [-1,3,2]")]
    [InlineData("\"a\": \"gone\"", "no output of the parent for input a FP32 [-1,3,2]; it hands on same, twice")]
    [InlineData("\"a\": \"same\"", "output same becomes [2,3], input a FP32 [-1,3,2] of the child takes rows of [3,2]: slice, transpose or reshape it")]
    [InlineData("\"a\": { \"output\": \"same\", \"transpose\": [1, 0] }, \"twice\": { \"transpose\": [1, 0] }", "say \"cast\": true")]
    [InlineData("\"a\": { \"output\": \"same\", \"slice\": [[2]] }", "\"slice\" [2, 2147483647] leaves nothing of dimension 0, which is 2")]
    public async Task Start_TensorsThatDoNotFit_SaysTheCure(string tensors, string fault)
    {
        _folder.Write("first.onnx", new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2, 3).Output("same", TinyOnnx.Float, "N", 2, 3).Output("twice", TinyOnnx.Float, "N", 2, 3)
            .Node("Identity", ["x"], ["same"]).Node("Add", ["x", "x"], ["twice"]).ToBytes());
        _folder.Write("second.onnx", new TinyOnnx().Input("a", TinyOnnx.Float, "N", 3, 2).Input("twice", TinyOnnx.Int64, "N", 3, 2).Output("y", TinyOnnx.Float, "N", 3, 2)
            .Node("Cast", ["twice"], ["whole"], ("to", 1L)).Node("Mul", ["a", "whole"], ["y"]).ToBytes());
        var exception = await Assert.ThrowsAsync<PipelineFormatException>(() => _folder.StartAsync(Pipeline("3", tensors)));
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
    }

    private static string Pipeline(string size, string tensors) => $$"""
        { "name": "p", "sloMs": 20000, "input": { "name": "x", "datatype": "FP32", "shape": [2, {{size}}] },
          "tasks": [ { "name": "first", "output": { "kind": "tensor" }, "variants": [ { "name": "v", "model": "first.onnx", "accuracy": 1 } ] },
                     { "name": "second", "output": { "kind": "tensor" }, "variants": [ { "name": "w", "model": "second.onnx", "accuracy": 1 } ] } ],
          "edges": [ { "from": "first", "to": "second", "transforms": [ { "name": "pass-tensor", "tensors": { {{tensors}} } } ] } ] }
        """;
}
