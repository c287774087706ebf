using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Tests.Pipelines;

public sealed class ParameterReaderTests
{
    [Fact]
    public void Read_ManyFaults_AllListedWithPathFoundAndAllowed()
    {
        var faults = Faults(
            """
            "timeout": { "type": "text" }, "a b": { "type": "text" }, "x": { "type": "date" }, "long": { "type": "text", "maxLength": 8000, "min": 1 },
            "n": { "type": "integer", "min": 5, "max": 2 }, "d": { "type": "boolean", "default": 1 }, "e": { "type": "number", "max": 2, "default": 3 }, "f": { "type": "text", "maxLength": 8193 }
            """,
            """["parameters.question", "input"]""");
        Assert.Equal(
            [
                "$.parameters.timeout", "$.parameters.a b", "$.parameters.x.type", "$.parameters.long.min", "$.parameters.n.max", "$.parameters.d.default", "$.parameters.e.default",
                "$.parameters.f.maxLength", "$.parameters", "$.tasks[0].input.texts[0]",
            ],
            faults.Where(static f => f.Message != "no task uses the parameter").Select(static f => f.Path));
        Assert.Equal("a number and at most 2", faults.Single(static f => f.Path == "$.parameters.e.default").Allowed);
    }

    [Fact]
    public void Read_ParameterThatNoTaskUses_IsRefused()
    {
        var fault = Assert.Single(Faults(""" "question": { "type": "text" }, "spare": { "type": "text" } """, """["parameters.question", "input"]"""));
        Assert.Equal(("$.parameters.spare", "no task uses the parameter"), (fault.Path, fault.Message));
    }

    [Theory]
    [InlineData("""["query", "query"]""", "2 texts, \"input\" 0 times")]
    [InlineData("""["input", "input"]""", "2 texts, \"input\" 2 times")]
    [InlineData("""[]""", "0 texts, \"input\" 0 times")]
    public void Read_TextsWithoutWhatArrives_AreRefused(string texts, string found) =>
        Assert.Equal(("$.tasks[0].input.texts", found), Faults("", texts).Select(static f => (f.Path, f.Found)).Single());

    private static System.Collections.Immutable.ImmutableArray<Validation.Fault> Faults(string parameters, string texts) => Assert.Throws<PipelineFormatException>(() => PipelineReader.Read(
        $$"""
        { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "BYTES", "shape": [1] }, "parameters": { {{parameters}} },
          "tasks": [ { "name": "t", "input": { "kind": "text", "tokenizer": "v", "texts": {{texts}} }, "variants": [ { "name": "v", "model": "m", "accuracy": 1 } ] } ] }
        """, "x")).Faults;
}
