using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Parameters that a pipeline declares: in the body, in the URL, in runs; and what is said of those that are missing or not allowed.</summary>
public sealed class ParameterTests : IDisposable
{
    private readonly PipelineFolder _folder = new();

    public ParameterTests()
    {
        _folder.Write("vocab.txt", TextModels.Vocabulary(TextModels.Words));
        _folder.Write("same.onnx", TextModels.Translates());
        _folder.Write("answer.onnx", TextModels.Answers());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Infer_Question_ReachesALaterTask()
    {
        await using var host = await StartAsync("""{ "question": { "type": "text", "maxLength": 20 } }""", """["parameters.question", "input"]""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async c =>
        {
            var word = TextModels.Words[c % 7];
            var body = PipelineFolder.Body("the good car is bad red blue", c % 2 == 0 ? $$"""{"question":"{{word}}","other":1}""" : "null");
            var outputs = await PipelineFolder.OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer" + (c % 2 == 0 ? "" : $"?question={word}"), body));
            Assert.Equal(word, Assert.Single(outputs["answer.text"]).GetString());
        }));

        // The body's stands before the URL's.
        var both = await PipelineFolder.OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer?question=red", PipelineFolder.Body("red car", """{"question":"car"}""")));
        Assert.Equal("car", both["answer.text"][0].GetString());
        Assert.Equal("red", Answer(await PipelineFolder.RunAsync(client, "/runs?pipeline=p", PipelineFolder.Body("the red car", """{"question":"red"}"""))));
        Assert.Equal("car", Answer(await PipelineFolder.RunAsync(client, "/runs?pipeline=p&question=car", PipelineFolder.Body("the red car"))));
    }

    [Fact]
    public async Task Infer_MissingOrNotAllowed_Is400WithEveryFault()
    {
        await using var host = await StartAsync(
            """{ "question": { "type": "text", "maxLength": 20 }, "count": { "type": "integer", "min": 1, "max": 9, "default": 3 }, "deep": { "type": "boolean" } }""",
            """["parameters.question", "input"]""", """, "texts": ["input", "parameters.count"] """, """["parameters.deep", "input"]""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        Assert.Equal(
            "$.parameters.question: missing; pipeline 'p' needs a text of 1 to 20 characters. $.parameters.deep: missing; pipeline 'p' needs true or false.",
            await ErrorAsync(client, "null"));
        Assert.Equal(
            "$.parameters.question: found 21 characters, expected a text of 1 to 20 characters. $.parameters.count: found 10, expected a whole number of at least 1 and at most 9. "
            + "$.parameters.deep: found \"yes\", expected true or false.",
            await ErrorAsync(client, $$"""{"question":"{{new string('x', 21)}}","count":10,"deep":"yes"}"""));
        Assert.Contains("$.parameters.question: found 0 characters", await ErrorAsync(client, """{"question":"","deep":true}"""), StringComparison.Ordinal);
        Assert.Contains("$.parameters.question: too long", await ErrorAsync(client, $$"""{"question":"{{new string('x', 70_000)}}","deep":true}"""), StringComparison.Ordinal);
        using var url = await client.PostJsonAsync("/v2/models/p/infer?question=red&deep=maybe", PipelineFolder.Body("red"));
        Assert.Equal("$.parameters.deep: found maybe, expected true or false.", (await url.ErrorAsync(400, "bad_request")).GetProperty("error").GetString());
        using var unknown = await client.PostJsonAsync("/v2/models/p/infer?qestion=red&deep=true&code=key", PipelineFolder.Body("red"));
        Assert.Equal(
            "$.parameters.question: missing; pipeline 'p' needs a text of 1 to 20 characters. ?qestion: pipeline 'p' declares no such parameter; it declares question, count, deep.",
            (await unknown.ErrorAsync(400, "bad_request")).GetProperty("error").GetString());
        using var twice = await client.PostJsonAsync("/v2/models/p/infer?question=red&question=car&deep=true", PipelineFolder.Body("red"));
        Assert.Equal("?question: found 2 values, a parameter is given once.", (await twice.ErrorAsync(400, "bad_request")).GetProperty("error").GetString());
        using var run = await client.PostJsonAsync("/runs?pipeline=p", PipelineFolder.Body("red"));
        Assert.Contains("$.parameters.question: missing", (await run.ErrorAsync(400, "bad_request")).GetProperty("error").GetString(), StringComparison.Ordinal);
        using var good = await client.PostJsonAsync("/v2/models/p/infer", PipelineFolder.Body("red", """{"question":"red","deep":true,"count":1}"""));
        Assert.True(good.IsSuccessStatusCode, await good.TextAsync());

        using var metadata = await client.GetPathAsync("/v2/models/p");
        var parameters = (await metadata.JsonAsync()).GetProperty("parameters");
        Assert.Equal(["question", "count", "deep"], parameters.EnumerateObject().Select(static p => p.Name));
        Assert.Equal("""{"type":"integer","required":false,"allowed":"a whole number of at least 1 and at most 9","default":"3"}""", parameters.GetProperty("count").GetRawText());
    }

    private static async Task<string> ErrorAsync(HttpClient client, string parameters)
    {
        using var response = await client.PostJsonAsync("/v2/models/p/infer", PipelineFolder.Body("red", parameters));
        return (await response.ErrorAsync(400, "bad_request")).GetProperty("error").GetString()!;
    }

    private static string Answer(JsonElement run)
    {
        Assert.Equal("completed", run.GetProperty("state").GetString());
        return run.GetProperty("result").GetProperty("outputs").EnumerateArray().Single(static o => o.GetProperty("name").GetString() == "answer.text").GetProperty("data")[0].GetString()!;
    }

    private Task<EmbeddedHost> StartAsync(string parameters, string texts, string rootTexts = "", string? second = null) => _folder.StartAsync(
        $$"""
        { "name": "p", "sloMs": 60000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] }, "parameters": {{parameters}},
          "tasks": [ { "name": "same", "input": { "kind": "text", "tokenizer": "vocab.txt" {{rootTexts}} }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                       "variants": [ { "name": "s", "model": "same.onnx", "accuracy": 1 } ] },
                     { "name": "answer", "input": { "kind": "text", "tokenizer": "vocab.txt", "texts": {{texts}} }, "output": { "kind": "answer" },
                       "variants": [ { "name": "a", "model": "answer.onnx", "accuracy": 1 } {{(second is null ? "" : $$""", { "name": "b", "model": "answer.onnx", "accuracy": 0.9, "input": { "kind": "text", "texts": {{second}} } } """)}} ] } ],
          "edges": [ { "from": "same", "to": "answer" } ] }
        """);
}
