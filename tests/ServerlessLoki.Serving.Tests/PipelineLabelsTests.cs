using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests;

public sealed class PipelineLabelsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-labels-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("person\ncar\n")]
    [InlineData("person\r\ncar\r\n\r\n")]
    [InlineData("\uFEFFperson\n car")]
    public void OfFile_OneNameALine(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "coco.txt"), text);
        Assert.Equal(["person", "car"], new PipelineLabels(_folder).OfFile("coco.txt"));
    }

    [Fact]
    public void OfFile_WhatIsNoList_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "empty.txt"), "");
        File.WriteAllText(Path.Combine(_folder, "gap.txt"), "a\n\nb");
        var labels = new PipelineLabels(_folder);
        Assert.Throws<FileNotFoundException>(() => labels.OfFile("gone.txt"));
        Assert.Throws<IOException>(() => labels.OfFile("empty.txt"));
        Assert.Contains("line 2", Assert.Throws<IOException>(() => labels.OfFile("gap.txt")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfModel_ItsMetadata_UnlessModelsAreElsewhere()
    {
        File.WriteAllBytes(Path.Combine(_folder, "m.onnx"), TinyOnnx.Scale(1, 2, 2));
        Assert.Equal(["car", "person"], new PipelineLabels(_folder).OfModel("m.onnx"));
        Assert.Empty(new PipelineLabels(_folder, readsModels: false).OfModel("m.onnx"));
        Assert.Empty(new PipelineLabels(_folder).OfModel("gone.onnx"));
    }
}
