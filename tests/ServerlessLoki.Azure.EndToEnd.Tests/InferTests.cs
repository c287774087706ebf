using System.Globalization;
using System.Net;
using System.Text.Json;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>The express path: HTTP → Function app → queues → worker → HTTP.</summary>
public sealed class InferTests(SharedSystem shared)
{
    private const string Infer = "/v2/models/traffic/infer";
    private static readonly string Payloads = new StorageOptions().PayloadContainer;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Infer_PngJsonAndBinary_EqualTheEmbeddedHostsAnswersBitForBit()
    {
        var system = await shared.SystemAsync();
        var reference = await shared.ReferenceAsync();
        for (var seed = TrafficSample.HeldOutSeed; seed < TrafficSample.HeldOutSeed + 3; seed++)
        {
            var image = SceneGenerator.Generate(seed).Image;
            var pixels = image.Pixels.ToArray();
            var shape = $"[{image.Height},{image.Width},3]";
            var json = $$"""{"inputs":[{"name":"image","shape":{{shape}},"datatype":"UINT8","data":[{{string.Join(',', pixels)}}]}]}""";
            var header = $$"""{"inputs":[{"name":"image","shape":{{shape}},"datatype":"UINT8","parameters":{"binary_data_size":{{pixels.Length}} } }]}""";
            var binary = $$"""{"parameters":{"binary_data_output":true},{{header[1..]}}""";
            var png = PictureCodec.EncodePng(image);

            // The plan may change between two requests: each answer is compared with the reference's by the same variants.
            using var byPng = await system.Http.PostBytesAsync(Infer, png, null, "image/png");
            using var byJson = await system.Http.PostJsonAsync(Infer, json);
            using var byHeader = await system.Http.PostBinaryAsync(Infer, header, pixels);
            foreach (var response in (HttpResponseMessage[])[byPng, byJson, byHeader])
            {
                Assert.Equal((HttpStatusCode.OK, ""), (response.StatusCode, response.IsSuccessStatusCode ? "" : await response.TextAsync()));
                var answer = await response.JsonAsync();
                Assert.Equal(Reference.Content(await reference.InferAsync(png, answer, Token)), Reference.Content(answer));
            }

            using var ours = await system.Http.PostBinaryAsync(Infer, binary, pixels);
            var (variants, tensors) = await BinaryAsync(ours);
            await reference.PinAsync(variants, Token);
            using var theirs = await reference.Http.PostBinaryAsync(Infer, binary, pixels);
            Assert.Equal((variants, tensors), await BinaryAsync(theirs));
        }
    }

    [Fact]
    public async Task Infer_PictureOfTheSample_TravelsInItsMessages()
    {
        var system = await shared.SystemAsync();
        var image = SceneGenerator.Generate(TrafficSample.HeldOutSeed).Image;
        var before = system.Blobs.Requests(Payloads);
        for (var query = 0; query < 5; query++)
        {
            using var response = await system.Http.PostBytesAsync(Infer, PictureCodec.EncodePng(image), null, "image/png");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(before, system.Blobs.Requests(Payloads));

        // Its pixels are larger than a message: they are put, fetched and deleted.
        var header = $$"""{"inputs":[{"name":"image","shape":[{{image.Height}},{{image.Width}},3],"datatype":"UINT8","parameters":{"binary_data_size":{{image.Pixels.Length}} } }]}""";
        using var large = await system.Http.PostBinaryAsync(Infer, header, image.Pixels.ToArray());
        Assert.Equal(HttpStatusCode.OK, large.StatusCode);
        Assert.InRange(system.Blobs.Requests(Payloads) - before, 2, int.MaxValue);
    }

    [Theory]
    [InlineData("""{"inputs":[]}""")]
    [InlineData("""{"inputs":[{"name":"picture","shape":[1],"datatype":"UINT8","data":[1]}]}""")]
    [InlineData("not json")]
    public async Task Infer_BadRequest_IsRefusedWithTheEmbeddedHostsWords(string body)
    {
        var system = await shared.SystemAsync();
        var reference = await shared.ReferenceAsync();
        using var ours = await system.Http.PostJsonAsync(Infer, body);
        using var theirs = await reference.Http.PostJsonAsync(Infer, body);
        Assert.Equal((theirs.StatusCode, await theirs.TextAsync()), (ours.StatusCode, await ours.TextAsync()));
        Assert.Equal(HttpStatusCode.BadRequest, ours.StatusCode);
    }

    /// <summary>The variants that answered, and the raw outputs behind the JSON part, whose times differ.</summary>
    private static async Task<(string Variants, string Tensors)> BinaryAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadAsByteArrayAsync(Token);
        var head = int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single(), CultureInfo.InvariantCulture);
        Assert.NotEmpty(body[head..]);
        using var json = JsonDocument.Parse(body.AsMemory(0, head));
        return (Reference.Variants(json.RootElement), Convert.ToHexString(body[head..]));
    }
}
