using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Models.Profiling;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Models;

public sealed class ProfilerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-profiler-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Measure_OfTwoModels_GivesOneRowPerVariantAndBatchInOrder()
    {
        using var small = OnnxModel.Load("small", TinyOnnx.Scale(2, 8, 8), new ModelOptions { MaxBatch = 4 });
        using var large = OnnxModel.Load("large", TinyOnnx.Classifier(32, 32, 16, 3), new ModelOptions { MaxBatch = 2 });
        var options = new ProfileOptions { PerPoint = TimeSpan.Zero, MinSamples = 5, MaxSamples = 5 };

        var measured = Profiler.Measure([new("large", "cpu", large), new("small", "cpu", small)], [4, 1, 2, 2], options, TimeProvider.System, null, TestContext.Current.CancellationToken);

        Assert.Equal([("large", 1), ("large", 2), ("small", 1), ("small", 2), ("small", 4)], measured.Select(m => (m.Row.Variant, m.Row.Batch)));
        Assert.All(measured, m =>
        {
            Assert.Equal(5, m.Samples);
            Assert.True(m.Row.P50Ms > 0 && m.Row.P50Ms <= m.Row.P90Ms && m.Row.P90Ms <= m.Row.P95Ms && m.Row.P95Ms <= m.Row.P99Ms);
        });
        Assert.NotNull(Profiler.ToProfile(measured).Find("small", "cpu"));
    }

    [Fact]
    public void Measure_ByASteppingClock_ReportsItsPercentiles()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(2, 2, 2), new ModelOptions());
        var options = new ProfileOptions { PerPoint = TimeSpan.Zero, MinSamples = 101, MaxSamples = 200, WarmUps = 0 };

        var row = Profiler.Measure([new("m", "cpu", model)], [1], options, new SteppingClock(), null, TestContext.Current.CancellationToken)[0].Row;

        Assert.Equal((51, 91, 96, 100), (Math.Round(row.P50Ms), Math.Round(row.P90Ms), Math.Round(row.P95Ms), Math.Round(row.P99Ms)));
    }

    [Fact]
    public void Measure_WhenTimeIsOver_StillHasEachVariantsSmallestBatch()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(2, 2, 2), new ModelOptions());
        var options = ProfileOptions.Quick with { Total = TimeSpan.Zero };

        var measured = Profiler.Measure([new("a", "cpu", model), new("b", "cpu", model)], [1, 2, 4], options, TimeProvider.System, null, TestContext.Current.CancellationToken);

        Assert.Equal([("a", 1, 1), ("b", 1, 1)], measured.Select(m => (m.Row.Variant, m.Row.Batch, m.Samples)));
    }

    [Fact]
    public void Measure_WhenCancelled_Stops()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(2, 2, 2), new ModelOptions());
        using var cancel = new CancellationTokenSource();
        var seen = new List<ProfileProgress>();
        Assert.Throws<OperationCanceledException>(() => Profiler.Measure(
            [new("m", "cpu", model)], [1, 2], new ProfileOptions(), TimeProvider.System, new Watcher(p =>
            {
                seen.Add(p);
                if (seen.Count == 3) cancel.Cancel();
            }), cancel.Token));
        Assert.Equal(3, seen.Count);
        Assert.Equal((0, 2, "m", 1), (seen[0].Done, seen[0].Points, seen[0].Variant, seen[0].Batch));
    }

    // The first layer of wav2vec 2.0 and its like needs 400 samples, and a query brings thousands: a second of 16,000 gives (16000 − 400) ÷ 320 + 1 = 49 steps.
    [Theory]
    [InlineData(AudioFeatures.Samples, 16_000, 30, 1, 16_000, 49)]
    [InlineData(AudioFeatures.Samples, 16_000, 0.5, 1, 8000, 24)]
    [InlineData(AudioFeatures.LogMel, 16_000, 30, 80, 100, 1)]
    public void Measure_SoundsOfOpenLength_AreOfASecondAndShareBatches(AudioFeatures features, int rate, double most, int bands, int length, int steps)
    {
        var kernel = features == AudioFeatures.Samples ? 400 : 100;
        File.WriteAllBytes(Path.Combine(_folder, "m.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", bands, "T").Output("y", TinyOnnx.Float, "N", 2, "F")
            .Constant("w", [.. Enumerable.Range(0, 2 * bands * kernel).Select(static i => (float)(i % 7))], 2, bands, kernel)
            .Node("Conv", ["x", "w"], ["y"], ("strides", new long[] { 320 }), ("kernel_shape", new long[] { kernel })).ToBytes());
        var variant = new Variant(0, "m", "m.onnx", 1) { Input = new TaskInput(Audio: new AudioForm { Features = features, Rate = rate, MaxSeconds = most }) };
        using var model = OnnxModel.Load(variant, Path.Combine(_folder, "m.onnx"), new ModelOptions { MaxBatch = 4 });
        Assert.Equal((null, 4), (model.HeldBecause, model.MaxBatch));
        using var runner = Assert.IsType<LooseRunner>(SampleRows.Of(model));
        Assert.Equal([bands, length], runner.InputOf(3, 0).Shape);
        Assert.Equal([2, steps], runner.OutputsOf(0)[0].Shape);
        var options = new ProfileOptions { PerPoint = TimeSpan.Zero, MinSamples = 1, MaxSamples = 1, WarmUps = 0 };
        Assert.Equal([1, 2, 4], Profiler.Measure([new("m", "cpu", model)], [1, 2, 4], options, TimeProvider.System, null, TestContext.Current.CancellationToken).Select(m => m.Row.Batch));
    }

    /// <summary>Each measured interval is 1 ms longer than the one before.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _calls;
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now += _calls++ < 1 ? 0 : _calls % 2 == 1 ? _calls / 2 : 0;
    }

    private sealed class Watcher(Action<ProfileProgress> action) : IProgress<ProfileProgress>
    {
        public void Report(ProfileProgress value) => action(value);
    }
}
