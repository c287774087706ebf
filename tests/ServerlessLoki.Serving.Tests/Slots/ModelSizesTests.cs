using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class ModelSizesTests
{
    [Fact]
    public void Bytes_WeightsInFilesBeside_CountToo()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (var (name, bytes) in new[] { ("m.onnx", 10), ("m.onnx.data", 200), ("m.onnx_data_1", 3000), ("m.onnx2", 1), ("other.onnx", 1) })
                File.WriteAllBytes(Path.Combine(folder.FullName, name), new byte[bytes]);

            Assert.Equal(3210, ModelSizes.Bytes(Path.Combine(folder.FullName, "m.onnx")));
            Assert.Equal(0, ModelSizes.Bytes(Path.Combine(folder.FullName, "none.onnx")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
