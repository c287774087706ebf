using ServerlessLoki.Cli.Inspection;

namespace ServerlessLoki.Cli.Tests.Inspection;

public sealed class PipelineDraftTests
{
    [Theory]
    [InlineData("yolo11n.onnx", "yolo11n")]
    [InlineData("my model (1).onnx", "my-model--1-")]
    [InlineData("_x.onnx", "x")]
    [InlineData("模型.onnx", "pipeline")]
    [InlineData("bert-base/model.onnx", "bert-base")]
    [InlineData("bert-base/onnx/model_quantized.onnx", "bert-base")]
    public void NameOf_AnyFile_IsAPipelinesName(string path, string expected) =>
        Assert.Equal(expected, PipelineDraft.NameOf(Path.GetFullPath(path)));

    [Fact]
    public void NameOf_LongFile_LeavesRoomForTheVariant() =>
        Assert.Equal(60, PipelineDraft.NameOf(Path.GetFullPath(new string('a', 200) + ".onnx")).Length);
}
