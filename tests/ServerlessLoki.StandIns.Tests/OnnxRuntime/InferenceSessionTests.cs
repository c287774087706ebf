using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.StandIns.Tests.OnnxRuntime;

public sealed class InferenceSessionTests
{
    private static readonly long[] Shape = [2, 3, 4, 5];

    [Fact]
    public void Metadata_OfAModel_TellsNamesTypesAndShapes()
    {
        using var session = new InferenceSession(TinyOnnx.Scale(2, 4, 5));

        Assert.Equal(["x"], session.InputNames);
        Assert.Equal(["y"], session.OutputNames);
        var input = session.InputMetadata["x"];
        Assert.Equal([-1, 3, 4, 5], input.Dimensions);
        Assert.Equal("N", input.SymbolicDimensions[0]);
        Assert.Equal(typeof(float), input.ElementType);
        Assert.Equal(TensorElementType.Float, input.ElementDataType);
        Assert.Equal(OnnxValueType.ONNX_TYPE_TENSOR, input.OnnxValueType);
        Assert.Equal("tiny", session.ModelMetadata.ProducerName);
        Assert.Equal("car,person", session.ModelMetadata.CustomMetadataMap["labels"]);
    }

    [Fact]
    public void Run_ByNames_ComputesOutputs()
    {
        using var session = new InferenceSession(TinyOnnx.Scale(3, 4, 5));
        using var run = new RunOptions { LogId = "test" };
        var data = Enumerable.Range(0, 120).Select(i => (float)i).ToArray();
        using var input = OrtValue.CreateTensorValueFromMemory(data, Shape);

        using var outputs = session.Run(run, ["x"], [input], ["y"]);

        Assert.Equal(Shape, outputs[0].GetTensorTypeAndShape().Shape);
        Assert.Equal(data.Select(v => v * 3), outputs[0].GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void RunWithBinding_OverOwnMemory_WritesThereOnEachRun()
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableMemoryPattern = true,
            EnableCpuMemArena = true,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(TinyOnnx.Scale(2, 4, 5), options);
        using var run = new RunOptions();
        using var binding = session.CreateIoBinding();
        var (x, y) = (new float[120], new float[120]);
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, x.AsMemory(), Shape);
        using var output = OrtValue.CreateTensorValueFromMemory(y, Shape);
        binding.BindInput("x", input);
        binding.BindOutput("y", output);

        for (var i = 1; i <= 3; i++)
        {
            Array.Fill(x, i);
            binding.SynchronizeBoundInputs();
            session.RunWithBinding(run, binding);
            binding.SynchronizeBoundOutputs();
            Assert.All(y, v => Assert.Equal(2f * i, v));
        }
    }

    [Fact]
    public void GetOutputValues_OfOutputsBoundToDevice_ReturnsThem()
    {
        using var session = new InferenceSession(TinyOnnx.Scale(2, 4, 5));
        using var run = new RunOptions();
        using var binding = session.CreateIoBinding();
        using var input = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, Shape);
        input.GetTensorMutableDataAsSpan<float>().Fill(4);
        binding.BindInput("x", input);
        binding.BindOutputToDevice("y", OrtMemoryInfo.DefaultInstance);

        session.RunWithBinding(run, binding);

        using var outputs = binding.GetOutputValues();
        Assert.Equal(8, Assert.Single(outputs).GetTensorDataAsSpan<float>()[119]);
    }

    [Fact]
    public void Run_WithWrongShape_ThrowsTheLibrarysError()
    {
        using var session = new InferenceSession(TinyOnnx.Scale(2, 4, 5));
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(new float[8], [1, 2, 2, 2]);

        var error = Assert.Throws<OnnxRuntimeException>(() => session.Run(run, ["x"], [input], ["y"]));
        Assert.Contains("InvalidArgument", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithTerminateSet_Throws()
    {
        using var session = new InferenceSession(TinyOnnx.Scale(2, 4, 5));
        using var run = new RunOptions { Terminate = true };
        using var input = OrtValue.CreateTensorValueFromMemory(new float[120], Shape);

        Assert.Throws<OnnxRuntimeException>(() => session.Run(run, ["x"], [input], ["y"]));
        run.Terminate = false;
        session.Run(run, ["x"], [input], ["y"]).Dispose();
    }

    [Fact]
    public void Constructor_WithGarbage_Throws()
    {
        Assert.Throws<OnnxRuntimeException>(() => new InferenceSession([1, 2, 3]));
        Assert.Throws<OnnxRuntimeException>(() => new InferenceSession("no-such-file.onnx"));
    }

    [Fact]
    public void Constructor_FromPath_LoadsTheFile()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, TinyOnnx.Scale(2, 4, 5));
            using var options = new SessionOptions();
            using var session = new InferenceSession(path, options);
            Assert.Equal(["y"], session.OutputNames);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void GetTensorDataAsSpan_OfAnotherType_Throws()
    {
        using var value = OrtValue.CreateTensorValueFromMemory(new long[4], [4]);

        Assert.Throws<OnnxRuntimeException>(() => value.GetTensorDataAsSpan<float>().Length);
        Assert.Equal(32, value.GetTensorMutableRawData().Length);
    }

    [Fact]
    public void AppendExecutionProvider_ThatTheLibraryLacks_Throws()
    {
        using var options = new SessionOptions();
        options.AppendExecutionProvider_CPU();

        Assert.Throws<OnnxRuntimeException>(() => options.AppendExecutionProvider("QNN"));
        var available = OrtEnv.Instance().GetAvailableProviders();
        Assert.True(Array.IndexOf(available, "CPUExecutionProvider") >= 0);
        if (Array.IndexOf(available, "CUDAExecutionProvider") < 0)
            Assert.Throws<OnnxRuntimeException>(() => options.AppendExecutionProvider_CUDA(0));
    }

    [Fact]
    public void Dispose_Twice_IsHarmless()
    {
        var value = OrtValue.CreateTensorValueFromMemory(new float[4], [4]);
        value.Dispose();
        value.Dispose();
        Assert.Throws<ObjectDisposedException>(() => value.GetTensorTypeAndShape().Shape);
    }
}
