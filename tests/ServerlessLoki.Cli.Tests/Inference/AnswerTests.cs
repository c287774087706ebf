using System.Text.Json;
using ServerlessLoki.Cli.Inference;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Tests.Inference;

/// <summary>What is shown of an answer goes by what the output is, not by what it is called or how large it is.</summary>
public sealed class AnswerTests
{
    // A tensor of texts as the model gives it: none, or two.
    [Theory]
    [InlineData(new byte[0], 0)]
    [InlineData(new byte[] { 1, 0, 0, 0, 65, 1, 0, 0, 0, 66 }, 2)]
    public void Of_AModelsOwnOutputNamedText_IsNoRow(byte[] elements, int count) =>
        Assert.Empty(AnswerRows.Of(Pipeline("tensor"), Result(new TensorPart("text", "BYTES", [count], elements))).Found);

    [Fact]
    public void Of_AText_IsARow() => Assert.Equal(
        "AB", Assert.Single(AnswerRows.Of(Pipeline("text"), Result(new TensorPart("text", "BYTES", [], (byte[])[2, 0, 0, 0, 65, 66]))).Found).Label);

    [Theory]
    [InlineData("""{"name":"t","datatype":"FP32","shape":[1,6],"data":[0.1,0.2,0.3,0.4,0.5,0]}""", 0)]
    [InlineData("""{"name":"t","datatype":"FP32","shape":[1,6],"parameters":{"labels":""},"data":[0.1,0.2,0.3,0.4,0.5,0]}""", 1)]
    [InlineData("""{"name":"t.text","datatype":"BYTES","shape":[1,2],"data":["A","B"]}""", 0)]
    [InlineData("""{"name":"t.text","datatype":"BYTES","shape":[1],"data":["A"]}""", 1)]
    public void Read_OutputsOfAServer_OnlyBoxesAndTextsAreRows(string output, int rows)
    {
        using var json = JsonDocument.Parse($$"""{"outputs":[{{output}}]}""");
        Assert.Equal(rows, HttpInference.Read("p", json.RootElement).Found.Length);
    }

    private static QueryResult Result(TensorPart part) => new()
    {
        Id = "1", Outcome = QueryOutcome.Completed, Answers = [new StageAnswer(0, 0, -1, -1, []) { Tensor = new RowTensor([part]) }],
    };

    private static Pipeline Pipeline(string kind) => PipelineReader.Read($$"""
        { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "FP32", "shape": [1] },
          "tasks": [ { "name": "t", "output": { "kind": "{{kind}}"{{(kind == "text" ? ", \"dictionary\": \"keys.txt\"" : "")}} },
            "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } ] }
        """, "p.json");
}
