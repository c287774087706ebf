using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Protocol;

/// <summary>What a sound is charged, and how long it may be, before it is admitted.</summary>
public sealed class SoundQueryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-sound-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // 0.1 s at 16 kHz for Whisper: 1,600 samples of the file, 480,000 filled up, 80 × 3,000 of the spectrogram and as many of the row, four bytes each.
    // At 8 kHz there are 800 of the file and 1,600 resampled. Samples as they are: those of the file and the row.
    [Theory]
    [InlineData("\"features\": \"log-mel\"", 80, 3000, 16_000, 1600, 4 * (1600 + 480_000 + (2 * 240_000)))]
    [InlineData("\"features\": \"log-mel\"", 80, 3000, 8000, 800, 4 * (800 + 1600 + 480_000 + (2 * 240_000)))]
    [InlineData("\"features\": \"samples\"", 1, -1, 16_000, 1600, 4 * (1600 + 1600))]
    [InlineData("\"features\": \"samples\"", 1, 5000, 16_000, 1600, 4 * (1600 + 5000 + 5000))]
    public void Read_Body_ChargesAllThatTheSoundBecomes(string features, int bands, int length, int rate, int samples, long unpacked)
    {
        var pipeline = Fitted(new Root("a", features, bands, length));
        var file = TinyWav.File(new double[samples], rate);
        var budget = new ByteBudget(long.MaxValue);
        using (var share = budget.Take(file.Length))
        {
            var body = PooledBytes.CopyOf(file);
            body.Share = share;
            var call = PipelineQuery.Read(pipeline, new InferHeaders(BodyForm.Sound, 0, null), body, new InferLimits());
            using (call.Input)
            {
                var input = Assert.IsType<TensorInput>(call.Input);
                Assert.Equal(Packed(file), input.Bytes.ToArray());
                Assert.Equal(Packed(file).Length + unpacked, call.Held);
                // While it is read, the body is there too.
                Assert.Equal(file.Length + call.Held, call.Most);
                Assert.Equal(call.Held, budget.Used);
            }
        }

        // The element of a tensor is charged the same.
        var json = Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"sound","datatype":"BYTES","shape":[1],"data":["{{Convert.ToBase64String(file)}}"]}]}""");
        var asked = PipelineQuery.Read(pipeline, new InferHeaders(BodyForm.Json, 0, null), PooledBytes.CopyOf(json), new InferLimits());
        using (asked.Input)
            Assert.InRange(asked.Held - unpacked, Packed(file).Length, json.Length + file.Length + 4096);
    }

    [Fact]
    public void Read_NoRoomForWhatItBecomes_IsRefusedAndNothingStays()
    {
        var pipeline = Fitted(new Root("a", "\"features\": \"log-mel\"", 80, 3000));
        var file = TinyWav.File(new double[1600], 16_000);
        var budget = new ByteBudget(4_000_000);
        using var other = budget.Take(1_000_000);
        using var share = budget.Take(file.Length);
        var body = PooledBytes.CopyOf(file);
        body.Share = share;
        Assert.Throws<ApiFaultException>(() => PipelineQuery.Read(pipeline, new InferHeaders(BodyForm.Sound, 0, null), body, new InferLimits()));
        Assert.Equal(1_000_000 + file.Length, budget.Used);
        Assert.Throws<ObjectDisposedException>(() => body.Span.Length);
    }

    // The shortest limit of all variants, from the file and from the models: whatever variant is chosen takes what was admitted.
    [Theory]
    [InlineData("\"maxSeconds\": 20", -1, "\"maxSeconds\": 5", -1, 5)]
    [InlineData("\"maxSeconds\": 20", -1, "\"maxSeconds\": 20", 32_000, 2)]
    [InlineData("\"maxSeconds\": 1", -1, "\"maxSeconds\": 20", 32_000, 1)]
    public void Read_VariantsOfOtherLengths_TheShortestDecides(string first, int firstLength, string second, int secondLength, int seconds)
    {
        var pipeline = Fitted(new Root("a", first, 1, firstLength), new Root("b", second, 1, secondLength));
        Assert.Equal(seconds, pipeline.MaxSoundSeconds);
        Assert.Equal(seconds, pipeline.WithSlo(1).MaxSoundSeconds);
        using var fits = Read(pipeline, 16_000 * seconds).Input;
        var fault = Assert.Throws<ApiFaultException>(() => Read(pipeline, (16_000 * seconds) + 2));
        Assert.Contains($"pipeline 'p' takes at most {seconds} s.", fault.Message, StringComparison.Ordinal);
    }

    private static PipelineCall Read(Pipeline pipeline, int samples) =>
        PipelineQuery.Read(pipeline, new InferHeaders(BodyForm.Sound, 0, null), PooledBytes.CopyOf(TinyWav.File(new double[samples], 16_000)), new InferLimits());

    private static byte[] Packed(byte[] file) => TensorPack.Write([new TensorPart("sound", "BYTES", [1], (byte[])[.. BitConverter.GetBytes(file.Length), .. file])]);

    private Pipeline Fitted(params Root[] roots)
    {
        foreach (var root in roots)
        {
            object last = root.Length < 0 ? "T" : root.Length;
            File.WriteAllBytes(Path.Combine(_folder, root.Name), new TinyOnnx()
                .Input("x", TinyOnnx.Float, "N", root.Bands, last).Output("y", TinyOnnx.Float, "N", root.Bands, last).Node("Identity", ["x"], ["y"]).ToBytes());
        }

        var variants = string.Join(',', roots.Select(static r => $$"""{ "name": "{{r.Name}}", "model": "{{r.Name}}", "accuracy": 1, "input": { "kind": "audio", {{r.Form}} } }"""));
        var pipeline = PipelineReader.Read($$"""
            { "name": "p", "sloMs": 100, "input": { "name": "sound", "datatype": "BYTES", "shape": [1] }, "tasks": [ { "name": "t", "variants": [ {{variants}} ] } ] }
            """, "test.json");
        return PipelineFit.Check(new PipelineSource(pipeline, _folder), TransformRegistry.Default, new ModelOptions(), "test.json").Pipeline;
    }

    private sealed record Root(string Name, string Form, int Bands, int Length);
}
