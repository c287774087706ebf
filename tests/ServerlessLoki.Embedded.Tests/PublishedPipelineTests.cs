using System.Runtime.CompilerServices;
using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>The example files of the five published pipelines, served as they stand on small models with the architectures' inputs and outputs, while many
/// clients ask and plans change from the small variants to the large ones and back.</summary>
public sealed class PublishedPipelineTests : IDisposable
{
    private const int Clients = 48, RoundsOfAPlan = 5;
    private const string Letters = " abcdefghijklmnopqrstuvwxyz";
    private static readonly string[] s_words = ["good", "bad", "red", "blue", "car", "the", "is"];
    private readonly PipelineFolder _folder = new();

    public PublishedPipelineTests()
    {
        _folder.Write("vocab.txt", TextModels.Vocabulary(TextModels.Words));
        _folder.Write("letters.txt", string.Join('\n', Letters.Select(static c => c.ToString())));
        Both("wav2vec2-base", "wav2vec2-large", _ => TextModels.Speech(Letters.Length + 1));
        Both("distilbert-squad", "bert-squad", factor => TextModels.Answers(9 * factor));
        Both("distilbert-sst2", "bert-sst2", factor => TextModels.Judge(2, ("good", [-factor, factor]), ("bad", [factor, -factor])));
        Both("summary-small", "summary-base", _ => TextModels.Shortens(3));
        Both("language-small", "language-base", factor => TextModels.Judge(2, ("the", [factor, 0]), ("la", [0, factor])));
        Both("fr-en-small", "fr-en-base", _ => TextModels.Translates(("rouge", "red"), ("bleu", "blue"), ("voiture", "car"), ("la", "the"), ("est", "is")));
        Both("yolo-n", "yolo-m", _ => Pictures("images", 64).Head("output0", TinyOnnx.Float, [16, 48, 32, 32, 32, 32, 64, 64, 0, 0.8f, 0.9f, 0], new float[12], 6, 2).ToBytes());
        // Whether it is light or dark, on either scale of pixels.
        foreach (var (small, large, bias) in ((string, string, float)[])[("resnet-18", "resnet-50", 0.2f), ("face-s", "face-l", 0)])
            Both(small, large, factor => Pictures("input", 32).Head("logits", TinyOnnx.Float, [-bias * factor, bias * factor], [4 * factor, -4 * factor], 2).ToBytes());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Video_EachCropGetsItsOwnClass() => ServeAsync("video.json", 3, async (client, c) =>
    {
        // Left half: the car; right half: the person.
        var (left, right) = (c % 2 == 0, c % 3 == 0);
        var pixels = string.Join(',', Enumerable.Range(0, 8 * 8).Select(i => (i % 8 < 4 ? left : right) ? "255,255,255" : "0,0,0"));
        var outputs = await PipelineFolder.OutputsAsync(await client.PostJsonAsync(
            "/v2/models/video/infer", $$"""{"inputs":[{"name":"image","shape":[8,8,3],"datatype":"UINT8","data":[{{pixels}}]}]}"""));
        Assert.Equal(12, outputs["detect"].Length);
        Assert.Equal(left ? "light" : "dark", Assert.Single(outputs["vehicle.label"]).GetString());
        Assert.Equal(right ? "light" : "dark", Assert.Single(outputs["face.label"]).GetString());
    });

    [Fact]
    public Task AudioAnswer_QuestionIsAskedOfWhatWasSaid() => ServeAsync("audio-answer.json", 2, async (client, c) =>
    {
        var (said, asked) = ($"{s_words[(c + 3) % 7]} {s_words[(c + 1) % 7]} {s_words[c % 7]}", s_words[c % 7]);
        var outputs = await SoundAsync(client, $"/v2/models/audio-answer/infer?question={asked}", said);
        Assert.Equal(said, outputs["transcribe.text"][0].GetString());
        Assert.Equal(asked, outputs["answer.text"][0].GetString());
        Assert.Equal((said.Length - asked.Length, said.Length), (outputs["answer.start"][0].GetInt32(), outputs["answer.end"][0].GetInt32()));
    });

    [Fact]
    public Task AudioSentiment_ScoreIsThatOfTheVariantThatAnswered() => ServeAsync("audio-sentiment.json", 2, async (client, c) =>
    {
        var said = string.Join(' ', Enumerable.Repeat("good", 1 + (c % 3)).Append("car").Concat(Enumerable.Repeat("bad", c % 2 * 4)));
        var outputs = await SoundAsync(client, "/v2/models/audio-sentiment/infer", said);
        Assert.Equal(said, outputs["transcribe.text"][0].GetString());
        var sum = (1 + (c % 3)) - (c % 2 * 4);
        Assert.Equal(sum > 0 ? "positive" : "negative", outputs["sentiment.label"][0].GetString());
        double[] scores = [.. new[] { 1.0, 2.0 }.Select(factor => 1 / (1 + Math.Exp(-2 * factor * Math.Abs(sum))))];
        Assert.Contains(scores, s => Math.Abs(s - outputs["sentiment.score"][0].GetDouble()) < 1e-4);
    });

    [Fact]
    public Task SummaryAnswer_QuestionIsAskedOfTheSummary() => ServeAsync("summary-answer.json", 2, async (client, c) =>
    {
        var (first, second) = (s_words[c % 7], s_words[(c + 2) % 7]);
        var body = PipelineFolder.Body($"{first} {second} red blue car", c % 4 == 0 ? "{}" : $$"""{"question":"{{second}}"}""");
        var outputs = await PipelineFolder.OutputsAsync(await client.PostJsonAsync("/v2/models/summary-answer/infer", body));
        Assert.Equal($"{first} {second}", outputs["summarise.text"][0].GetString());
        if (c % 4 != 0)
            Assert.Equal(second, outputs["answer.text"][0].GetString());
        else if (first is "the" or "car" || second is "the" or "car")
            Assert.Equal(first is "the" or "car" ? first : second, outputs["answer.text"][0].GetString());
    });

    [Fact]
    public Task Languages_FrenchIsTranslatedFirst() => ServeAsync("languages.json", 3, async (client, c) =>
    {
        var (isFrench, isRed) = (c % 2 == 0, c % 3 == 0);
        var text = isFrench ? $"la {(isRed ? "rouge" : "bleu")} voiture est" : $"the {(isRed ? "red" : "blue")} car is";
        var outputs = await PipelineFolder.OutputsAsync(await client.PostJsonAsync("/v2/models/languages/infer", PipelineFolder.Body(text)));
        Assert.Equal(isFrench ? "fr" : "en", outputs["language.label"][0].GetString());
        Assert.Equal(isFrench ? [$"the {(isRed ? "red" : "blue")} car is"] : [], outputs["from-french.text"].Select(static t => t.GetString()!));
        Assert.Equal($"the {(isRed ? "red" : "blue")}", Assert.Single(outputs["summarise.text"]).GetString());
        Assert.Equal(isFrench ? "from-french" : "language", outputs["summarise.from"][0].GetString());
    });

    private static TinyOnnx Pictures(string input, int size) => new TinyOnnx().Input(input, TinyOnnx.Float, "batch", 3, size, size)
        .Node("ReduceMean", [input], ["bright"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L));

    private static async Task<Dictionary<string, JsonElement[]>> SoundAsync(HttpClient client, string path, string said) => await PipelineFolder.OutputsAsync(
        await client.PostBytesAsync(path, TinyWav.File(TextModels.Say(said, Letters), 16_000, 32, TinyWav.Float), null, "audio/wav"));

    private static string Here([CallerFilePath] string path = "") => path;

    /// <summary>The small variant's values are half of the large one's.</summary>
    private void Both(string small, string large, Func<float, byte[]> model)
    {
        _folder.Write(small + ".onnx", model(1));
        _folder.Write(large + ".onnx", model(2));
    }

    private async Task ServeAsync(string file, int tasks, Func<HttpClient, int, Task> ask)
    {
        var json = await File.ReadAllTextAsync(
            Path.Combine(Path.GetDirectoryName(Here())!, "../../src/ServerlessLoki.Samples/published", file), TestContext.Current.CancellationToken);
        // Only the objective is another: a busy machine must not refuse.
        json = System.Text.RegularExpressions.Regex.Replace(json, "\"sloMs\": [0-9]+", "\"sloMs\": 60000", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        await using var host = await _folder.StartAsync(json, slots: 2 * tasks);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var variants = host.Engine.Metrics.Variants[0];
        for (var round = 0; variants.Any(static t => t.Any(static v => v.Rows == 0)); round++)
        {
            Assert.True(round < 1000, "a variant answered nothing");
            var asked = Task.WhenAll(Enumerable.Range(0, Clients).Select(c => ask(client, c)));
            if (round % RoundsOfAPlan == 0)
                await PipelineFolder.ServeByAsync(host, round / RoundsOfAPlan % 2);
            await asked;
        }
    }
}
