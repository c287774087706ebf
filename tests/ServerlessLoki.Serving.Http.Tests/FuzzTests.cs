using System.Text;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>Ten thousand spoiled bodies: each is refused with a 4xx or, where the spoiling did no harm, served.</summary>
[Collection(PooledCollection.Name)]
public sealed class FuzzTests
{
    private const int Bodies = 10_000;

    private static readonly (string Path, string Json)[] Seeds =
    [
        ("/v2/models/echo-FP32/infer", """{"id":"1","parameters":{"timeout":1000,"min_accuracy":0.5},"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1.5,2],[-3e4,4]]}],"outputs":[{"name":"y"}]}"""),
        ("/v2/models/echo-BYTES/infer", """{"inputs":[{"data":["\u00e4\n","b"],"datatype":"BYTES","shape":[1,2],"name":"x"}]}"""),
        ("/v2/models/two-inputs/infer", """{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"b","shape":[1,1],"datatype":"INT64","data":[9]}]}"""),
        ("/v2/models/traffic/infer", """{"inputs":[{"name":"image","shape":[1,2,3],"datatype":"UINT8","data":[1,2,3,4,5,6]}],"parameters":{"latency_ms":5,"priority":0}}"""),
        ("/v2/models/echo-FP32/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"parameters":{"binary_data_output":true}}"""),
        ("/v2/models/echo-BYTES/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","parameters":{"binary_data_size":8}}]}"""),
        ("/v2/models/traffic/infer", """{"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","parameters":{"binary_data_size":3}}]}"""),
    ];

    [Fact]
    public async Task Infer_MalformedBodies_AreRefusedAndLeakNothing()
    {
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBodyBytes = 1 << 20, MaxTensorBytes = 1 << 20 });
        host.Engine.Infer = r => new(QueryOutcome.Completed, null, [.. r.Inputs.Select(i => (ReadOnlyMemory<byte>)i.ToArray())]);
        var random = new Random(20261122);
        var png = PictureCodec.EncodePng(RgbImage.Over(4, 4, new byte[48]));
        var statuses = new Dictionary<int, int>();
        await SendAsync(host, random, png, 500, statuses);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SendAsync(host, random, png, Bodies, statuses);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.DoesNotContain(statuses.Keys, s => s is not (200 or (>= 400 and < 500)));
        Assert.True(statuses.Where(s => s.Key >= 400).Sum(s => s.Value) > Bodies / 2, "most mutations should be refused");
        Assert.Equal(0, PooledBytes.Rented);
        Assert.True(after - before < 16 << 20, $"memory grew from {before} to {after}");
        using var sane = await host.Client.PostJsonAsync(Seeds[0].Path, Seeds[0].Json);
        Assert.Equal(200, (int)sane.StatusCode);
    }

    private static async Task SendAsync(ApiHost host, Random random, byte[] png, int count, Dictionary<int, int> statuses)
    {
        for (var i = 0; i < count; i++)
        {
            var (path, json) = Seeds[random.Next(Seeds.Length)];
            var (body, length, type) = MalformedBodies.Next(random, Encoding.UTF8.GetBytes(json), [], png);
            if (type == "image/png")
                path = "/v2/models/traffic/infer";
            using var response = await host.Client.PostBytesAsync(path, body, length, type);
            var status = (int)response.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            if (status is >= 200 and < 300 or (>= 400 and < 500))
                continue;
            Assert.Fail($"{status} for {path} {type} {length}: {Convert.ToBase64String(body)} -> {await response.TextAsync()}");
        }
    }
}
