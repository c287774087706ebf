using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Protocol;

/// <summary>Spoilt sounds, forms and rows: each is read or refused with a 4xx, and leaves no memory behind.</summary>
[Collection(PooledCollection.Name)]
public sealed class QueryFuzzTests
{
    private const int Bodies = 6000;
    private static readonly byte[] s_wav = TinyWav.File(TinyWav.Sine(440, 8000, 300), 8000, 24, channels: 2, isExtensible: true);

    private static readonly Pipeline s_sounds = Read("""{ "name": "x", "datatype": "BYTES", "shape": [1] }""", """ "input": { "kind": "audio", "rate": 16000, "features": "fbank", "maxSeconds": 5, "window": 0.02, "hop": 0.01 }, """);
    private static readonly Pipeline s_pictures = Read("""{ "name": "x", "datatype": "UINT8", "shape": [-1, -1, 3] }""", "");
    private static readonly Pipeline s_rows = Read("""{ "name": "x", "datatype": "FP32", "shape": [-1, 2] }""", "");

    public static TheoryData<string> Kinds => ["wav", "wav-json", "wav-form", "picture-form", "picture-json", "rows"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_SpoiltBodies_AreReadOrRefused(string kind)
    {
        var (pipeline, headers, seed) = Seed(kind);
        var random = new Random(17);
        var (read, refused, rented) = (0, 0, PooledBytes.Rented);
        for (var i = 0; i < Bodies; i++)
        {
            var body = i == 0 ? seed : MalformedBodies.Spoil(random, seed);
            try
            {
                PipelineQuery.Read(pipeline, headers, PooledBytes.CopyOf(body), new InferLimits { MaxTensorBytes = 1 << 20, MaxPixels = 10_000 }).DisposeInputs();
                read++;
            }
            catch (ApiFaultException fault)
            {
                Assert.InRange(fault.Status, 400, 499);
                Assert.NotEqual(0, i);
                refused++;
            }
        }

        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused");
        Assert.Equal(rented, PooledBytes.Rented);
    }

    private static (Pipeline Pipeline, InferHeaders Headers, byte[] Seed) Seed(string kind)
    {
        var png = PictureCodec.EncodePng(RgbImage.Over(2, 2, new byte[12]));
        var form = InferHeaders.Read(MalformedBodies.FormType, null, null);
        var json = new InferHeaders(BodyForm.Json, 0, null);
        return kind switch
        {
            "wav" => (s_sounds, new InferHeaders(BodyForm.Sound, 0, null), s_wav),
            "wav-json" => (s_sounds, json, Json("BYTES", "[2,1]", $"\"{Convert.ToBase64String(s_wav)}\",\"{Convert.ToBase64String(s_wav)}\"")),
            "wav-form" => (s_sounds, form, MalformedBodies.Form(s_wav, s_wav)),
            "picture-form" => (s_pictures, form, MalformedBodies.Form(png, png)),
            "picture-json" => (s_pictures, json, Json("BYTES", "[2]", $"\"{Convert.ToBase64String(png)}\",\"{Convert.ToBase64String(png)}\"")),
            _ => (s_rows, json, Json("FP32", "[3,1,2]", "1,2,3,4,5,6")),
        };
    }

    private static byte[] Json(string datatype, string shape, string data) => Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"x","datatype":"{{datatype}}","shape":{{shape}},"data":[{{data}}]}]}""");

    private static Pipeline Read(string input, string task) => PipelineReader.Read($$"""
        { "name": "p", "sloMs": 100, "input": {{input}},
          "tasks": [ { "name": "t", {{task}} "output": { "kind": "tensor" }, "variants": [ { "name": "v", "model": "m", "accuracy": 1 } ] } ] }
        """, "test");
}
