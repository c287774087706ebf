using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Texts that go from task to task: what the parent read, its label, the query's own.</summary>
public sealed class TextEdgeTests : IDisposable
{
    private const string Characters = " abcdefghijklmnopqrstuvwxyz";
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    public TextEdgeTests()
    {
        Write("vocab.txt", TextModels.Vocabulary(TextModels.Words));
        Write("letters.txt", string.Join('\n', Characters.Select(static c => c.ToString())));
        Write("speech.onnx", TextModels.Speech(Characters.Length + 1));
        Write("judge.onnx", TextModels.Judge(2, ("good", [-2, 2]), ("bad", [2, -2]), ("rouge", [1, 0])));
        Write("answer.onnx", TextModels.Answers());
        Write("french.onnx", TextModels.Translates(("rouge", "red"), ("voiture", "car"), ("la", "the"), ("est", "is")));
        Write("short.onnx", TextModels.Shortens(3));
    }

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    /// <summary>Sound → text → sentiment, in batches: each sound its own text and judgement.</summary>
    [Fact]
    public async Task Infer_TextOfASound_IsJudged()
    {
        await using var host = await StartAsync(
            """
            { "name": "p", "sloMs": 60000, "input": { "name": "sound", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "hear", "input": { "kind": "audio", "rate": 8000 }, "output": { "kind": "text", "dictionary": "letters.txt", "scores": "logits" },
                           "variants": [ { "name": "h", "model": "speech.onnx", "accuracy": 1 } ] },
                         { "name": "judge", "input": { "kind": "text", "tokenizer": "vocab.txt" },
                           "output": { "kind": "classification", "labels": ["negative", "positive"], "scores": "logits" }, "variants": [ { "name": "j", "model": "judge.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "hear", "to": "judge" } ] }
            """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async c =>
        {
            var text = string.Join(' ', Enumerable.Repeat("good", 1 + (c % 3)).Concat(Enumerable.Repeat("bad", c % 5)));
            var outputs = await OutputsAsync(await client.PostBytesAsync("/v2/models/p/infer", TinyWav.File(TextModels.Say(text, Characters), 8000, 32, TinyWav.Float), null, "audio/wav"));
            var sum = 4.0 * ((1 + (c % 3)) - (c % 5));
            Assert.Equal(text, Text(outputs, "hear.text"));
            if (sum != 0)
                Assert.Equal(sum > 0 ? "positive" : "negative", Text(outputs, "judge.label"));
            Assert.Equal(1 / (1 + Math.Exp(-Math.Abs(sum))), outputs["judge.score"][0].GetDouble(), 1e-4);
        }));
        Assert.True(host.Engine.Metrics.Variants[0][1][0].BatchStats.Any(b => b.Rows > 1), "no two texts shared a batch");
    }

    /// <summary>The query's text is the question, what the parent made of it the context; and the other way round.</summary>
    [Theory]
    [InlineData("""["query", "input"]""", "la voiture", "")]
    [InlineData("""["query", "input"]""", "la voiture rouge is the car", "the")]
    [InlineData("""["input", "query"]""", "la voiture rouge is the car", "is")]
    public async Task Infer_PairOfTheParentsTextAndTheQuerys_OrderIsTheFiles(string texts, string query, string answer)
    {
        await using var host = await StartAsync(
            $$"""
            { "name": "p", "sloMs": 60000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "translate", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                           "variants": [ { "name": "t", "model": "french.onnx", "accuracy": 1 } ] },
                         { "name": "answer", "input": { "kind": "text", "tokenizer": "vocab.txt", "texts": {{texts}} }, "output": { "kind": "answer", "emptyAbove": -1 },
                           "variants": [ { "name": "a", "model": "answer.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "translate", "to": "answer", "transforms": [ { "name": "pass-text" } ] } ] }
            """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var outputs = await OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer", Body(query)));
        Assert.Equal(query.Length > 10 ? "the car red is the car" : "the car", Text(outputs, "translate.text"));
        // The first word of the second text that is in the first one too.
        Assert.Equal(answer, Text(outputs, "answer.text"));
    }

    /// <summary>A label decides which task runs; that task gets the query's own text, and its child what it made of it.</summary>
    [Theory]
    [InlineData("la voiture est rouge", "fr", "the car")]
    [InlineData("the car is red", "en", "the car")]
    public async Task Infer_LanguageDecides_TranslationGetsTheQuerysText(string query, string language, string summary)
    {
        Write("language.onnx", TextModels.Judge(2, ("the", [3, 0]), ("car", [1, 0]), ("voiture", [0, 1]), ("la", [0, 3])));
        await using var host = await StartAsync(
            """
            { "name": "p", "sloMs": 60000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "language", "input": { "kind": "text", "tokenizer": "vocab.txt" },
                           "output": { "kind": "classification", "labels": ["en", "fr"], "scores": "logits" }, "variants": [ { "name": "l", "model": "language.onnx", "accuracy": 1 } ] },
                         { "name": "french", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                           "variants": [ { "name": "f", "model": "french.onnx", "accuracy": 1 } ] },
                         { "name": "summary", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                           "variants": [ { "name": "s", "model": "short.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "language", "to": "french", "labels": ["fr"], "transforms": [ { "name": "query" } ] },
                         { "from": "language", "to": "summary", "labels": ["en"], "transforms": [ { "name": "query" } ] },
                         { "from": "french", "to": "summary" } ] }
            """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        for (var i = 0; i < 3; i++)
        {
            var outputs = await OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer", Body(query)));
            Assert.Equal(language, Text(outputs, "language.label"));
            Assert.Equal(language == "fr" ? ["the car is red"] : [], outputs["french.text"].Select(static t => t.GetString()!));
            Assert.Equal(summary, Text(outputs, "summary.text"));
            Assert.Equal(language == "fr" ? "french" : "language", Text(outputs, "summary.from"));
        }

        using var accepted = await client.PostJsonAsync("/runs?pipeline=p", Body(query));
        var path = "/runs/" + (await accepted.JsonAsync()).GetProperty("id").GetString();
        JsonElement run;
        do
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            using var response = await client.GetPathAsync(path);
            run = await response.JsonAsync();
        }
        while (run.GetProperty("state").GetString() is "accepted" or "pending" or "running");
        Assert.Contains(summary, run.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>A label is a text where the file says so.</summary>
    [Fact]
    public async Task Infer_LabelPassedOn_IsReadAsAText()
    {
        await using var host = await StartAsync(
            """
            { "name": "p", "sloMs": 60000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "judge", "input": { "kind": "text", "tokenizer": "vocab.txt" },
                           "output": { "kind": "classification", "labels": ["la voiture rouge", "good"], "scores": "logits" }, "variants": [ { "name": "j", "model": "judge.onnx", "accuracy": 1 } ] },
                         { "name": "french", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                           "variants": [ { "name": "f", "model": "french.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "judge", "to": "french", "transforms": [ { "name": "pass-text" } ] } ] }
            """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        Assert.Equal("the car red", Text(await OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer", Body("bad"))), "french.text"));
        Assert.Equal("good", Text(await OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer", Body("good"))), "french.text"));
    }

    /// <summary>A graph with the generation inside has its settings as inputs, which the file gives once; a variant may give another.</summary>
    [Theory]
    [InlineData("", "the car")]
    [InlineData(""", "input": { "kind": "text", "constants": { "max_length": 4 } } """, "the car red")]
    public async Task Infer_GenerationBehindATask_SettingsAreConstants(string variant, string summary)
    {
        Write("generate.onnx", TextModels.Generates());
        await using var host = await StartAsync(
            $$"""
            { "name": "p", "sloMs": 60000, "input": { "name": "text", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "french", "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "text", "tokenizer": "vocab.txt" },
                           "variants": [ { "name": "f", "model": "french.onnx", "accuracy": 1 } ] },
                         { "name": "short", "input": { "kind": "text", "tokenizer": "vocab.txt", "padTo": 1, "constants": { "max_length": 3, "num_beams": 4, "length_penalty": [0.5] } },
                           "output": { "kind": "text", "tokenizer": "vocab.txt" }, "variants": [ { "name": "s", "model": "generate.onnx", "accuracy": 1 {{variant}} } ] } ],
              "edges": [ { "from": "french", "to": "short" } ] }
            """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async c =>
            Assert.Equal(summary, Text(await OutputsAsync(await client.PostJsonAsync("/v2/models/p/infer", Body("la voiture rouge" + string.Concat(Enumerable.Repeat(" good", c % 3))))), "short.text"))));
        Assert.Equal(["input_ids"], host.Engine.Describe("s")!.Inputs.Select(static i => i.Name));
    }

    private static string Body(string text) => $$"""{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":[{{JsonSerializer.Serialize(text)}}]}]}""";

    private static string Text(Dictionary<string, JsonElement[]> outputs, string name) => Assert.Single(outputs[name]).GetString()!;

    private static async Task<Dictionary<string, JsonElement[]>> OutputsAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.TextAsync();
            Assert.True(response.IsSuccessStatusCode, text);
            return (await response.JsonAsync()).GetProperty("outputs").EnumerateArray()
                .ToDictionary(o => o.GetProperty("name").GetString()!, o => o.GetProperty("data").EnumerateArray().ToArray(), StringComparer.Ordinal);
        }
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_models.Path, file), text);

    private void Write(string file, byte[] bytes) => File.WriteAllBytes(Path.Combine(_models.Path, file), bytes);

    private Task<EmbeddedHost> StartAsync(string pipeline)
    {
        Write("p.json", pipeline);
        return EmbeddedHost.StartAsync(
            new EmbeddedHostOptions { PipelineFiles = [Path.Combine(_models.Path, "p.json")], DataDirectory = _data.Path, Slots = 3, Port = 0 }, TestContext.Current.CancellationToken);
    }
}
