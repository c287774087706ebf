using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Models;

public sealed class SequenceModelsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-forecasters-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_SameFileTwice_IsLoadedOnceAndPredicts()
    {
        Write("rate.onnx", Constant(37));
        using var models = new SequenceModels(_folder);

        var model = models.Load("rate.onnx");

        Assert.Same(model, models.Load(Path.Combine(_folder, "rate.onnx")));
        Assert.Equal((2, 1, 37), (model.Steps, model.SamplesPerStep, model.Predict([1, 2])));
    }

    [Fact]
    public void Load_NoFile_SaysWhereItLooked()
    {
        using var models = new SequenceModels(_folder);

        AssertRefused(models, "nowhere.onnx", $"there is no file '{Path.Combine(_folder, "nowhere.onnx")}'");
    }

    [Fact]
    public void Load_NoModel_SaysSo()
    {
        Write("text.onnx", "rates"u8.ToArray());
        using var models = new SequenceModels(_folder);

        AssertRefused(models, "text.onnx", "cannot be loaded");
    }

    [Theory]
    [InlineData(TinyOnnx.Int64, 3, "has the input")]
    [InlineData(TinyOnnx.Float, "any", "has the input x FP32 [-1,-1]")]
    public void Load_InputOfAnotherShape_SaysWhatItFound(int type, object steps, string cause)
    {
        Write("other.onnx", new TinyOnnx().Input("x", type, "N", steps).Output("y", type, "N", steps).Node("Identity", ["x"], ["y"]).ToBytes());
        using var models = new SequenceModels(_folder);

        AssertRefused(models, "other.onnx", cause);
    }

    [Fact]
    public async Task Engine_LearnedForecaster_PlansForWhatItPredicts()
    {
        Write("rate.onnx", Constant(37));
        await using var test = await TestEngine.StartAsync(
            options: o => o with { Forecaster = $"onnx:{Path.Combine(_folder, "rate.onnx")}", ControlPeriod = TimeSpan.FromMilliseconds(100) });

        await TestEngine.UntilAsync(() => test.Engine.Status().Pipelines[0].ForecastQps == 37);
    }

    private static void AssertRefused(SequenceModels models, string file, string cause)
    {
        var message = Assert.Throws<FormatException>(() => models.Load(file)).Message;
        Assert.StartsWith($"Forecaster \"onnx:{file}\": ", message, StringComparison.Ordinal);
        Assert.Contains(cause, message, StringComparison.Ordinal);
        Assert.EndsWith("allowed: an ONNX file with one FP32 input [N, steps] or [N, steps, 1] of rates and an FP32 output [N, 1]", message, StringComparison.Ordinal);
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_folder, name), bytes);

    /// <summary>The same rate whatever the last two were.</summary>
    private static byte[] Constant(float qps) => TinyOnnx.Rate(2, qps);
}
