using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Tests.Pipelines;

/// <summary>What pipeline files say of anchors, constants, windows of sounds and tensors that edges hand on; and what is said of it where it is wrong.</summary>
public sealed class StageSettingsTests
{
    [Fact]
    public void Read_Anchors_ByRuleAndFromAFile()
    {
        var rule = Output("""{ "kind": "detections", "decoder": "anchors", "scores": "sigmoid", "anchors": { "strides": [8, 16], "perCell": [2, 6], "encoding": "linear" } }""");
        Assert.Equal(([8, 16], [2, 6], true, ScoreForm.Sigmoid), (rule.Detections.Anchors!.Strides.ToArray(), rule.Detections.Anchors.PerCell.ToArray(), rule.Detections.Anchors.IsLinear, rule.Scores), static (a, b) =>
            a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2) && a.Item3 == b.Item3 && a.Item4 == b.Item4);
        var file = Output("""{ "kind": "detections", "decoder": "anchors", "anchors": { "file": "a.csv", "variances": [0.1, 0.2] } }""");
        Assert.Equal("a.csv", file.Detections.Anchors!.File);
        Assert.Equal([0.1, 0.2], file.Detections.Anchors.Variances);
    }

    [Theory]
    [InlineData("""{ "kind": "detections", "decoder": "anchors" }""", "decoder anchors needs the anchors")]
    [InlineData("""{ "kind": "detections", "decoder": "ssd", "anchors": { "file": "a.csv" } }""", "only decoder anchors has such a key")]
    [InlineData("""{ "kind": "detections", "decoder": "anchors", "anchors": { "file": "a.csv", "strides": [8], "perCell": [1] } }""", "anchors come from a file or from a rule")]
    [InlineData("""{ "kind": "detections", "decoder": "anchors", "anchors": {} }""", "anchors come from a file or from a rule")]
    [InlineData("""{ "kind": "detections", "decoder": "anchors", "anchors": { "strides": [8, 16], "perCell": [1] } }""", "each stride has its anchors")]
    [InlineData("""{ "kind": "detections", "decoder": "anchors", "anchors": { "strides": [8], "perCell": [1], "sizes": [[8]] } }""", "each stride has its anchors")]
    [InlineData("""{ "kind": "detections", "decoder": "anchors", "anchors": { "file": "a.csv", "variances": [1] } }""", "there are two variances")]
    [InlineData("""{ "kind": "detections", "decoder": "ssd", "scores": "sigmoid" }""", "only a classification's scores may be logits")]
    public void Read_AnchorsThatCannotBe_SaysWhy(string output, string fault) => Assert.Contains(Faults(Task($"\"output\": {output}")), f => f.Message.Contains(fault, StringComparison.Ordinal));

    [Fact]
    public void Read_Constants_AreNumbersOrTexts()
    {
        var input = Pipeline(Task("""
            "output": { "kind": "tensor" }, "input": { "kind": "tensor", "constants": { "a": 1, "b": [1, 2.5], "c": "x", "d": ["x", ""] } }
            """)).Root.Variants[0].Input;
        Assert.Equal([1], input.Constants["a"].Numbers);
        Assert.Equal([1, 2.5], input.Constants["b"].Numbers);
        Assert.Equal(["x"], input.Constants["c"].Texts);
        Assert.Equal(["x", ""], input.Constants["d"].Texts);
        Assert.Equal(2, Faults(Task("""
            "output": { "kind": "tensor" }, "input": { "kind": "tensor", "constants": { "a": [1, "x"], "b": ["x", 1] } }
            """)).Length);
    }

    [Theory]
    [InlineData(""" "hop": 1 """, "a \"hop\" of 1 s and no \"window\"")]
    [InlineData(""" "window": 1, "hop": 2 """, "a \"hop\" of 2 s and a \"window\" of 1 s")]
    public void Read_HopBeyondTheWindow_SaysBoth(string keys, string found) =>
        Assert.Equal(found, Assert.Single(Faults(Task($$"""
            "output": { "kind": "tensor" }, "input": { "kind": "audio", {{keys}} }
            """))).Found);

    [Fact]
    public void Read_PassTensor_TakesNamesAndMoves()
    {
        var edge = Pipeline(Edge(""" "a": "y", "b": { "output": "z", "slice": [[1], [0, -1]], "transpose": [1, 0], "reshape": [-1, 2], "cast": true } """)).Edges[0];
        Assert.True(edge.PassesTensors);
        var passes = edge.Transforms[0].Tensors;
        Assert.Equal("y", passes["a"].Output);
        Assert.Equal([(1, int.MaxValue), (0, -1)], passes["b"].Slice);
        Assert.Equal([1, 0], passes["b"].Transpose);
        Assert.Equal([-1L, 2], passes["b"].Reshape!.Value);
        Assert.True(passes["b"].Cast);
    }

    [Theory]
    [InlineData(""" "a": { "transpose": [0, 0] } """, "not each dimension once")]
    [InlineData(""" "a": { "reshape": [-1, -1] } """, "no shape")]
    [InlineData(""" "a": { "slice": [[]] } """, "not a start with its end")]
    [InlineData(""" "a": { "nam": 1 } """, "unknown key")]
    public void Read_PassTensorThatCannotBe_SaysWhy(string tensors, string fault) => Assert.Contains(Faults(Edge(tensors)), f => f.Message.Contains(fault, StringComparison.Ordinal));

    private static TaskOutput Output(string output) => Pipeline(Task($"\"output\": {output}")).Root.Output;

    private static string Task(string settings) => $$"""
        { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "BYTES", "shape": [1] },
          "tasks": [ { "name": "t", {{settings}}, "variants": [ { "name": "v", "model": "m", "accuracy": 1 } ] } ] }
        """;

    private static string Edge(string tensors) => $$"""
        { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "FP32", "shape": [2] },
          "tasks": [ { "name": "t", "output": { "kind": "tensor" }, "variants": [ { "name": "v", "model": "m", "accuracy": 1 } ] },
                     { "name": "u", "output": { "kind": "tensor" }, "variants": [ { "name": "w", "model": "m", "accuracy": 1 } ] } ],
          "edges": [ { "from": "t", "to": "u", "transforms": [ { "name": "pass-tensor", "tensors": { {{tensors}} } } ] } ] }
        """;

    private static Pipeline Pipeline(string json) => PipelineReader.Read(json, "x");

    private static ImmutableArray<Validation.Fault> Faults(string json) => Assert.Throws<PipelineFormatException>(() => PipelineReader.Read(json, "x")).Faults;
}
