namespace ServerlessLoki.Samples.Tests;

public sealed class SceneExportTests
{
    [Fact]
    public void Write_TwoScenes_WritesTheirBytesAndObjects()
    {
        var folder = Directory.CreateTempSubdirectory("loki-export");
        try
        {
            SceneExport.Write(folder.FullName, 2, 5, progress: null, TestContext.Current.CancellationToken);

            var second = SceneGenerator.Generate(6);
            var images = File.ReadAllBytes(Path.Combine(folder.FullName, "images.u8"));
            Assert.Equal(2 * SceneGenerator.Width * SceneGenerator.Height * 3, images.Length);
            Assert.True(images.AsSpan(images.Length / 2).SequenceEqual(second.Image.Pixels));
            var lines = File.ReadAllLines(Path.Combine(folder.FullName, "objects.csv"));
            Assert.Equal(1 + SceneGenerator.Generate(5).Objects.Count + second.Objects.Count, lines.Length);
            Assert.Equal("scene,kind,label,x1,y1,x2,y2,visible", lines[0]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
