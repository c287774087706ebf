using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>What is said at the start of edges that hand on texts or the query's own input.</summary>
public sealed class EdgeCheckTests : IDisposable
{
    private const string Text = """ "input": { "kind": "text", "tokenizer": "vocab.txt" } """;
    private const string Reads = """ "output": { "kind": "text", "tokenizer": "vocab.txt" } """;
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-edges-").FullName;

    public EdgeCheckTests()
    {
        File.WriteAllText(Path.Combine(_folder, "vocab.txt"), TextModels.Vocabulary(TextModels.Words));
        File.WriteAllBytes(Path.Combine(_folder, "judge"), TextModels.Judge(2));
        File.WriteAllBytes(Path.Combine(_folder, "read"), TextModels.Translates());
        File.WriteAllBytes(Path.Combine(_folder, "answer"), TextModels.Answers());
        File.WriteAllBytes(Path.Combine(_folder, "hear"), TextModels.Speech(3));
        File.WriteAllBytes(Path.Combine(_folder, "same"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Output("y", TinyOnnx.Float, "N", 2).Node("Identity", ["x"], ["y"]).ToBytes());
        File.WriteAllBytes(Path.Combine(_folder, "strings"), new TinyOnnx().Input("x", TinyOnnx.Text, "N", 1).Output("y", TinyOnnx.Text, "N", 1).Node("Identity", ["x"], ["y"]).ToBytes());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("read", Reads, "judge", Text, "")]
    [InlineData("read", Reads, "judge", Text, "pass-text")]
    [InlineData("read", Reads, "judge", Text, "query")]
    [InlineData("read", Reads, "strings", "", "pass-text")]
    [InlineData("judge", """ "output": { "kind": "classification", "labels": ["a", "b"] } """, "judge", Text, "pass-text")]
    [InlineData("judge", """ "output": { "kind": "classification", "labels": ["a", "b"] } """, "judge", Text, "query")]
    [InlineData("read", Reads, "answer", """ "input": { "kind": "text", "tokenizer": "vocab.txt", "texts": ["query", "input"] }, "output": { "kind": "answer" } """, "")]
    public void Check_TextThatFits_IsTaken(string parent, string parentSays, string child, string childSays, string transform) =>
        Assert.Empty(Faults("BYTES", "[1]", (parent, $"{Text}, {parentSays}"), (child, childSays), transform));

    [Theory]
    [InlineData("read", Reads, "judge", Text, "identity", "the child takes texts: the edge says \"transforms\": [{\"name\": \"pass-text\"}]")]
    [InlineData("read", Reads, "same", "", "pass-text", "input x FP32 [-1,2] of the child takes no text: give its task \"input\"")]
    [InlineData("judge", """ "output": { "kind": "classification", "labels": ["a", "b"] } """, "judge", Text, "", "task 'first' finds labels: say {\"name\": \"pass-text\"}")]
    [InlineData("judge", """ "output": { "kind": "classification" } """, "judge", Text, "pass-text", "classes of task 'first' have no names to hand on: list its \"labels\"")]
    [InlineData("judge", """ "output": { "kind": "embedding" } """, "judge", Text, "pass-text", "a vector, which is no text")]
    [InlineData("judge", """ "output": { "kind": "tensor" } """, "judge", Text, "", "hands on logits FP32 [-1,2], which is not one text")]
    [InlineData("read", Reads, "hear", """ "input": { "kind": "audio" } """, "query", "the child takes sounds, which only queries bring")]
    [InlineData("read", Reads, "same", "", "query", "'query': the child takes x FP32 [-1,2], and queries bring text BYTES [1]")]
    [InlineData("read", Reads, "answer", """ "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "answer" } """, "", "an answer needs two, a question and its context")]
    public void Check_TextThatDoesNotFit_SaysTheCure(string parent, string parentSays, string child, string childSays, string transform, string fault) =>
        Assert.Contains(fault, Assert.Single(Faults("BYTES", "[1]", (parent, $"{Text}, {parentSays}"), (child, childSays), transform)), StringComparison.Ordinal);

    [Fact]
    public void Check_QuerysPairBesideWhatArrives_IsTooMuch() => Assert.Contains("it gets 3 texts; a model takes one or two", Assert.Single(Faults(
        "BYTES", "[2]", ("read", $"{Text}, {Reads}"), ("judge", """ "input": { "kind": "text", "tokenizer": "vocab.txt", "texts": ["query", "input"] } """), "")), StringComparison.Ordinal);

    [Theory]
    [InlineData("[-1]", "[\"parameters.a\", \"input\"]", null)]
    [InlineData("[2]", "[\"parameters.a\", \"input\"]", "it gets 3 texts; a model takes one or two")]
    public void Check_TextsOfTheFirstTask_AreCountedAsFarAsTheyAreKnown(string shape, string texts, string? fault)
    {
        var pipeline = PipelineReader.Read($$"""
            { "name": "p", "sloMs": 1000, "parameters": { "a": { "type": "text" } }, "input": { "name": "text", "datatype": "BYTES", "shape": {{shape}} },
              "tasks": [ { "name": "first", "input": { "kind": "text", "tokenizer": "vocab.txt", "texts": {{texts}} }, "variants": [ { "name": "v", "model": "judge", "accuracy": 1 } ] } ] }
            """, "test");
        var found = TextFit.Fault(pipeline, pipeline.Root, pipeline.Root.Variants[0].Input.Text!, TextFit.OfQuery(pipeline));
        if (fault is null)
            Assert.Null(found);
        else
            Assert.Contains(fault, found, StringComparison.Ordinal);
        Assert.Contains("it gets 3 texts or more", TextFit.Fault(pipeline, pipeline.Root, new TextForm { Texts = ["input", "parameters.a", "parameters.b"] }, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_QueryOfTensors_HasNoText()
    {
        var faults = Faults("FP32", "[2]", ("same", ""), ("judge", """ "input": { "kind": "text", "tokenizer": "vocab.txt", "texts": ["query", "input"] } """), "query");
        Assert.Contains("'query': queries bring FP32 [2], no text", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[2]", true)]
    [InlineData("[-1]", false)]
    public void Check_QuerysTensor_MustBeTheChilds(string shape, bool fits)
    {
        File.WriteAllBytes(Path.Combine(_folder, "any"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", "S").Output("y", TinyOnnx.Float, "N", "S").Node("Identity", ["x"], ["y"]).ToBytes());
        var faults = Faults("FP32", shape, ("any", ""), ("same", ""), "query");
        Assert.Equal(fits, faults.Count == 0);
        Assert.All(faults, static f => Assert.Contains("queries bring text FP32 [-1]: export the model for that, or narrow \"input\" of the file", f, StringComparison.Ordinal));
    }

    [Fact]
    public void Check_SeveralFaults_AreToldAtOnce()
    {
        var pipeline = PipelineReader.Read(
            """
            { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "FP32", "shape": [2] },
              "tasks": [ { "name": "a", "variants": [ { "name": "a1", "model": "same", "accuracy": 1 } ] },
                         { "name": "b", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "variants": [ { "name": "b1", "model": "judge", "accuracy": 1 } ] },
                         { "name": "c", "input": { "kind": "audio" }, "variants": [ { "name": "c1", "model": "hear", "accuracy": 1 } ] },
                         { "name": "d", "join": "all", "variants": [ { "name": "d1", "model": "same", "accuracy": 1 } ] } ],
              "edges": [ { "from": "a", "to": "b" }, { "from": "a", "to": "c" }, { "from": "b", "to": "d", "transforms": [ { "name": "pass-text" } ] },
                         { "from": "c", "to": "d", "transforms": [ { "name": "concat", "rows": 1, "size": 2 } ] } ] }
            """, "p.json");
        Assert.Equal(["$.edges[0]", "$.edges[1]", "$.edges[2]"], Faults(pipeline).Select(static f => f.Split(':')[0]));
    }

    private List<string> Faults(string datatype, string shape, (string Model, string Says) parent, (string Model, string Says) child, string transform) => Faults(PipelineReader.Read(
        $$"""
        { "name": "p", "sloMs": 100, "input": { "name": "text", "datatype": "{{datatype}}", "shape": {{shape}} },
          "tasks": [ { "name": "first", {{(parent.Says.Length > 0 ? parent.Says + "," : "")}} "variants": [ { "name": "a", "model": "{{parent.Model}}", "accuracy": 1 } ] },
                     { "name": "then", {{(child.Says.Length > 0 ? child.Says + "," : "")}} "variants": [ { "name": "b", "model": "{{child.Model}}", "accuracy": 1 } ] } ],
          "edges": [ { "from": "first", "to": "then" {{(transform.Length > 0 ? $$""", "transforms": [ { "name": "{{transform}}" } ]""" : "")}} } ] }
        """, "p.json"));

    private List<string> Faults(Pipeline pipeline)
    {
        try
        {
            PipelineFit.Check(new PipelineSource(pipeline, _folder), TransformRegistry.Default, new ModelOptions(), "p.json");
            return [];
        }
        catch (PipelineFormatException exception)
        {
            return [.. exception.Faults.Select(static f => f.ToString())];
        }
    }
}
