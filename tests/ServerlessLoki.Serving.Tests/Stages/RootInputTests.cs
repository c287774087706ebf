using System.Buffers;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

public sealed class RootInputTests
{
    [Fact]
    public void Fill_OfAnImage_ResizesIntoItsRowOnly()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, 2, 2), new ModelOptions());
        using var runner = model.CreateRunner();
        var pixels = new byte[4 * 4 * 3];
        Array.Fill(pixels, (byte)255);
        using var input = new ImageInput(RgbImage.Over(4, 4, pixels));
        RootInput.Fill(input, ImageForm.Default, runner, 1);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], runner.InputRow(0).ToArray());
        Assert.All(runner.InputRow(1).ToArray(), v => Assert.Equal(1, v, 1e-6f));
    }

    [Fact]
    public void Fill_OfATensor_CopiesItOrRefusesAnotherSize()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, 1, 1), new ModelOptions());
        using var runner = model.CreateRunner();
        using var right = new TensorInput(MemoryPool<byte>.Shared.Rent(64), 12);
        using var wrong = new TensorInput(MemoryPool<byte>.Shared.Rent(64), 8);
        RootInput.Fill(right, ImageForm.Default, runner, 0);
        Assert.True(right.Bytes.Span.SequenceEqual(runner.InputRowBytes(0)));
        Assert.Throws<ModelException>(() => RootInput.Fill(wrong, ImageForm.Default, runner, 0));
        Assert.Null(RootInput.PictureFault(model.Inputs[0], ImageForm.Default));
    }
}
