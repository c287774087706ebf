using System.Net;
using System.Text.Json;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Integration.Tests;

/// <summary>The API over real HTTP with the sample's real models.</summary>
public sealed class TrafficApiTests(TrafficHost traffic) : IClassFixture<TrafficHost>
{
    private const string Infer = "/v2/models/traffic/infer";
    private static readonly string[] Tasks = ["detect", "classify-vehicle", "classify-person"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Client => traffic.Client;

    [Fact]
    public async Task Metadata_OfPipelineAndEveryVariant_IsServed()
    {
        using var ready = await Client.GetPathAsync("/v2/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var index = await Client.PostJsonAsync("/v2/repository/index", "");
        var names = (await index.JsonAsync()).EnumerateArray().Select(m => m.GetProperty("name").GetString()!).ToArray();
        Assert.Equal(15, names.Length);
        foreach (var name in names)
        {
            foreach (var tail in (string[])["", "/ready", "/config", "/stats"])
            {
                using var response = await Client.GetPathAsync($"/v2/models/{name}{tail}");
                Assert.Equal((name + tail, HttpStatusCode.OK), (name + tail, response.StatusCode));
            }
        }
    }

    [Fact]
    public async Task Infer_JsonBinaryAndPng_GiveTheSameAnswer()
    {
        // Pinned, so that all three meet the same variants.
        await traffic.Host.Engine.ForcePlanAsync(traffic.Host.Engine.Plan, Token);
        try
        {
            var image = SceneGenerator.Generate(TrafficSample.HeldOutSeed).Image;
            var shape = $"[{image.Height},{image.Width},3]";
            using var png = await Client.PostBytesAsync(Infer, PictureCodec.EncodePng(image), null, "image/png");
            using var json = await Client.PostJsonAsync(
                Infer, $$"""{"inputs":[{"name":"image","shape":{{shape}},"datatype":"UINT8","data":[{{string.Join(',', image.Pixels.ToArray())}}]}]}""");
            using var binary = await Client.PostBinaryAsync(
                Infer, $$"""{"inputs":[{"name":"image","shape":{{shape}},"datatype":"UINT8","parameters":{"binary_data_size":{{image.Pixels.Length}} } }]}""",
                image.Pixels.ToArray());
            var answers = new List<string>();
            foreach (var response in (HttpResponseMessage[])[png, json, binary])
            {
                var answer = await response.JsonAsync();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                answers.Add(answer.GetProperty("parameters").GetProperty("variants").GetString() + answer.GetProperty("outputs").GetRawText());
            }

            Assert.Single(answers.Distinct());
        }
        finally
        {
            await traffic.Host.Engine.ForcePlanAsync(null, Token);
        }
    }

    [Fact]
    public async Task Infer_Scene_NamesEachChildsParent()
    {
        var seen = 0;
        for (ulong seed = 1; seed <= 8; seed++)
        {
            using var response = await Client.PostBytesAsync(Infer, PictureCodec.EncodePng(SceneGenerator.Generate(seed).Image), null, "image/png");
            var outputs = (await response.JsonAsync()).GetProperty("outputs").EnumerateArray().ToDictionary(o => o.GetProperty("name").GetString()!);
            var boxes = outputs["detect"].GetProperty("data").EnumerateArray().Select(e => e.GetSingle()).Chunk(6).ToArray();
            foreach (var (task, label) in ((string, int)[])[("classify-vehicle", 0), ("classify-person", 1)])
            {
                foreach (var parent in outputs[task + ".parent"].GetProperty("data").EnumerateArray().Select(e => e.GetInt32()))
                {
                    Assert.InRange(parent, 0, boxes.Length - 1);
                    Assert.Equal(label, (int)boxes[parent][5]);
                    seen++;
                }
            }
        }

        Assert.True(seen >= 8, $"{seen} objects in eight scenes");
    }

    [Fact]
    public async Task Infer_EveryVariant_RawAndJsonAgree()
    {
        foreach (var task in traffic.Host.Engine.Pipelines[0].Pipeline.Tasks)
        {
            foreach (var variant in task.Variants)
            {
                using var metadata = await Client.GetPathAsync("/v2/models/" + variant.Name);
                var input = (await metadata.JsonAsync()).GetProperty("inputs")[0];
                var shape = input.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
                shape[0] = 1;
                var values = Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (i % 251) / 251f).ToArray();
                using var raw = await Client.PostBytesAsync($"/v2/models/{variant.Name}/infer", Http.Floats(values), "0");
                using var json = await Client.PostJsonAsync(
                    $"/v2/models/{variant.Name}/infer",
                    $$"""{"inputs":[{"name":"{{input.GetProperty("name").GetString()}}","shape":[{{string.Join(',', shape)}}],"datatype":"FP32","data":[{{string.Join(',', values)}}]}]}""");
                Assert.Equal((variant.Name, HttpStatusCode.OK, HttpStatusCode.OK), (variant.Name, raw.StatusCode, json.StatusCode));
                var outputs = (await json.JsonAsync()).GetProperty("outputs").EnumerateArray();
                var flat = outputs.SelectMany(o => o.GetProperty("data").EnumerateArray().Select(e => e.GetSingle())).ToArray();
                var body = await raw.Content.ReadAsByteArrayAsync(Token);
                var header = int.Parse(raw.Headers.GetValues("Inference-Header-Content-Length").Single());
                Assert.Equal(Http.Floats(flat), body[header..]);
            }
        }
    }

    [Fact]
    public async Task StatsAndMetrics_AfterQueries_CountThem()
    {
        var before = await CompletedAsync();
        var image = PictureCodec.EncodePng(SceneGenerator.Generate(3).Image);
        for (var i = 0; i < 5; i++)
        {
            using var response = await Client.PostBytesAsync(Infer, image, null, "image/png");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(await CompletedAsync() >= before + 5);
        using var metrics = await Client.GetPathAsync("/metrics");
        var text = await metrics.TextAsync();
        Assert.All(Tasks, t => Assert.Contains($"task=\"{t}\"", text, StringComparison.Ordinal));
        using var plan = await Client.GetPathAsync("/plan");
        var json = await plan.JsonAsync();
        Assert.Equal(Tasks.Order(), json.GetProperty("slots").EnumerateArray().Select(s => s.GetProperty("task").GetString()!).Distinct().Order());
        Assert.NotEqual(0, json.GetProperty("why").GetArrayLength());
        using var status = await Client.GetPathAsync("/status");
        Assert.Equal(JsonValueKind.Null, (await status.JsonAsync()).GetProperty("last_fault").ValueKind);
    }

    [Fact]
    public async Task Infer_BoundsNobodyCanMeet_AreRefusedWithWhatIsPossible()
    {
        var image = SceneGenerator.Generate(1).Image;
        var input = $$"""{"name":"image","shape":[{{image.Height}},{{image.Width}},3],"datatype":"UINT8","parameters":{"binary_data_size":{{image.Pixels.Length}} } }""";
        using var accuracy = await Client.PostBinaryAsync(Infer, $$"""{"parameters":{"min_accuracy":1},"inputs":[{{input}}]}""", image.Pixels.ToArray());
        await accuracy.ErrorAsync(422, "invalid");
        using var latency = await Client.PostBinaryAsync(Infer, $$"""{"parameters":{"timeout":1},"inputs":[{{input}}]}""", image.Pixels.ToArray());
        // 503 while the first profile is yet to be proven.
        Assert.Contains((int)latency.StatusCode, (int[])[422, 503, 504]);
        using var document = JsonDocument.Parse(await latency.TextAsync());
        Assert.NotNull(document.RootElement.GetProperty("error").GetString());
    }

    private async Task<int> CompletedAsync()
    {
        using var response = await Client.GetPathAsync("/v2/models/traffic/stats");
        return (await response.JsonAsync()).GetProperty("model_stats")[0].GetProperty("inference_count").GetInt32();
    }
}
