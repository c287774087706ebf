using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Tests.Protocol;

public class MaskTensorsTests
{
    [Fact]
    public void Alike_MasksOfUnlikeResolution_SpanTheSamePicture()
    {
        var masks = MaskTensors.Alike([Mask(2, 2, [1, 2, 3, 4]), Mask(4, 2, [1, 1, 1, 1, 5, 5, 5, 5]), Mask(1, 3, [7, 8, 9])]);
        Assert.All(masks, static m => Assert.Equal([4L, 3], m.Shape));
        Assert.Equal([1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4], masks[0].Bytes.ToArray());
        Assert.Equal([1, 1, 1, 1, 1, 1, 5, 5, 5, 5, 5, 5], masks[1].Bytes.ToArray());
        Assert.Equal([7, 8, 9, 7, 8, 9, 7, 8, 9, 7, 8, 9], masks[2].Bytes.ToArray());
    }

    [Fact]
    public void Whole_MasksOfUnlikeResolution_CanBePng()
    {
        var tensor = TensorOutputs.Whole("m", [Mask(2, 2, [1, 2, 3, 4]), Mask(4, 4, new byte[16])], areMasks: true);
        Assert.Equal([2L, 4, 4], tensor.Shape);
        Assert.Equal([2L], PngMasks.Of(tensor, isBase64: false).Shape);
    }

    private static TensorPart Mask(int height, int width, byte[] pixels) => new("mask", "UINT8", [height, width], pixels);
}
