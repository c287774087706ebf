using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class OnnxStageModelFactoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("loki-models-");

    /// <summary>Holds with either package of ONNX Runtime: the one without CUDA, and the one with it where no GPU is usable.</summary>
    [Fact]
    public void Load_ForAGpuThatIsNotThere_LogsWhyAndServesOnTheProcessor()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "s.onnx"), TinyOnnx.Scale(2, 2, 2));
        var log = new Warnings();
        var factory = new OnnxStageModelFactory(
            [new PipelineSource(TestPipelines.Plain, _folder.FullName)], TransformRegistry.Default, new ModelOptions { Provider = ExecutionProvider.Cuda }, log);

        using var model = factory.Load(new VariantId(0, 0, 0));

        Assert.SkipWhen(model.Provider == "cuda", "this machine has a usable GPU");
        Assert.Equal("cpu", model.Provider);
        Assert.StartsWith("CUDA cannot be used: ", model.ProviderFallback, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", model.ProviderFallback, StringComparison.Ordinal);
        Assert.Equal($"Variant scale-n runs on the processor: {model.ProviderFallback}", Assert.Single(log.Texts));
    }

    [Fact]
    public void Load_OfAModelThatMixesRows_LogsThatItRunsOneAtATime()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "s.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 2, 2).Output("y", TinyOnnx.Float, "N", 3, 2, 2)
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new long[] { 0 }), ("keepdims", 1L)).Node("Sub", ["x", "mean"], ["y"]).ToBytes());
        var log = new Warnings();
        var factory = new OnnxStageModelFactory([new PipelineSource(TestPipelines.Plain, _folder.FullName)], TransformRegistry.Default, new ModelOptions(), log);

        using var model = factory.Load(new VariantId(0, 0, 0));

        Assert.Equal("Variant scale-n runs one row at a time: output 'y' of a row depends on the rows beside it", Assert.Single(log.Texts));
        using var runner = model.CreateRunner();
        Assert.Equal(1, runner.MaxBatch);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class Warnings : ILogger<OnnxStageModelFactory>
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Add(formatter(state, exception));
    }
}
