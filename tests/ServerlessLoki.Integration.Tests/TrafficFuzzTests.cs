using System.Collections.Concurrent;
using System.Text;
using ServerlessLoki.Embedded;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Integration.Tests;

/// <summary>Ten thousand malformed bodies against the real engine. Alone in the process, whose memory it measures.</summary>
[Collection(nameof(AloneCollection))]
public sealed class TrafficFuzzTests : IDisposable
{
    private const int Bodies = 10_000;
    private const int Senders = 4;
    private const string Infer = "/v2/models/traffic/infer";
    private readonly string _data = Directory.CreateTempSubdirectory("loki-fuzz").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, true);

    [Fact]
    public async Task Infer_MalformedBodies_AreRefusedAndTheHostServesOn()
    {
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions { PipelineFiles = [PatientPipeline.Write(_data)], DataDirectory = _data }, Token);
        await host.Engine.ForcePlanAsync(PinnedPlan.On(host.Engine, variant: 0, replicas: 2), Token);
        // A query that hangs ends here as an exception.
        using var client = new HttpClient { BaseAddress = host.BaseAddress, Timeout = TimeSpan.FromMilliseconds(PatientPipeline.SloMs) };
        var png = PictureCodec.EncodePng(SceneGenerator.Generate(TrafficSample.HeldOutSeed).Image);
        var healthy = await AnswerAsync(client, png);
        var seeds = Seeds(png);
        var statuses = new ConcurrentDictionary<int, int>();

        await SendAsync(client, seeds, 0, Bodies, statuses);
        // 2 KB left behind per body would show.
        await MemoryLevel.AssertReachedAsync(round => SendAsync(client, seeds, round, Bodies / 2, statuses), rounds: 5, allowed: Bodies / 2 * 2048L);

        Assert.True(statuses.Where(s => s.Key >= 400).Sum(s => s.Value) > statuses.Sum(s => s.Value) / 2, "most mutations should be refused");
        Assert.True(statuses.GetValueOrDefault(200) > statuses.Sum(s => s.Value) / 100, "some mutations should reach the models");
        Assert.Equal(healthy, await AnswerAsync(client, png));
        Assert.DoesNotContain(host.Engine.Status().Slots, s => s.State == "failed");
    }

    /// <summary>Good queries, which the faults are put into. None bounds its own time or accuracy: a fault could turn that into
    /// a bound which is honestly answered with 503 or 504.</summary>
    private static (string Path, byte[] Json, byte[] Tensors, byte[] Png)[] Seeds(byte[] png)
    {
        using var scene = PictureCodec.Decode(png, ImageLimits.Default);
        var pixels = scene.Pixels.ToArray();
        var crop = Http.Floats([.. Enumerable.Range(0, 3 * 18 * 12).Select(i => i % 255 / 255f)]);
        return
        [
            Seed(Infer, $$$"""{"id":"1","parameters":{"priority":0},"inputs":[{"name":"image","shape":[{{{scene.Height}}},{{{scene.Width}}},3],"datatype":"UINT8","parameters":{"binary_data_size":{{{pixels.Length}}}}}],"outputs":[{"name":"detect"}]}""", pixels),
            Seed(Infer, """{"inputs":[{"name":"image","shape":[2,3,3],"datatype":"UINT8","data":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]}]}""", []),
            Seed("/v2/models/classify-person-s/infer", $$$"""{"inputs":[{"name":"image","shape":[1,3,18,12],"datatype":"FP32","parameters":{"binary_data_size":{{{crop.Length}}}}}],"parameters":{"binary_data_output":true}}""", crop),
            Seed("/v2/models/classify-vehicle-n/infer", """{"inputs":[{"data":[[1.5,2],[-3e4,4]],"datatype":"FP32","shape":[1,3,12,24],"name":"image"}]}""", []),
        ];

        (string, byte[], byte[], byte[]) Seed(string path, string json, byte[] tensors) => (path, Encoding.UTF8.GetBytes(json), tensors, png);
    }

    private static Task SendAsync(
        HttpClient client, (string Path, byte[] Json, byte[] Tensors, byte[] Png)[] seeds, int round, int count, ConcurrentDictionary<int, int> statuses) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = Token }, async (i, _) =>
            {
                var random = new Random((round * 1_000_000) + i);
                var seed = seeds[random.Next(seeds.Length)];
                var (body, length, type) = MalformedBodies.Next(random, seed.Json, seed.Tensors, seed.Png);
                using var response = await client.PostBytesAsync(type == "image/png" ? Infer : seed.Path, body, length, type);
                var status = (int)response.StatusCode;
                statuses.AddOrUpdate(status, 1, (_, n) => n + 1);
                if (status is not (200 or (>= 400 and < 500)))
                    Assert.Fail($"round {round}, body {i}: {status} for {seed.Path} {type} {length} -> {await response.TextAsync()}");
            });

    private static async Task<string> AnswerAsync(HttpClient client, byte[] png)
    {
        using var response = await client.PostBytesAsync(Infer, png, null, "image/png");
        Assert.Equal(200, (int)response.StatusCode);
        return (await response.JsonAsync()).GetProperty("outputs").GetRawText();
    }
}
