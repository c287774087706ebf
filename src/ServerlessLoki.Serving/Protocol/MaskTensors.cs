using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Masks of a task in an answer.</summary>
internal static class MaskTensors
{
    /// <summary>Makes one tensor of masks. Each spans its picture, whatever its size: where variants of unlike resolution answered, the
    /// smaller ones are enlarged to the largest height and width, each pixel as the nearest of its mask.</summary>
    /// <param name="rows">UINT8 [height, width] each; at least one.</param>
    public static TensorPart[] Alike(TensorPart[] rows)
    {
        var (height, width) = (rows.Max(static r => r.Shape[0]), rows.Max(static r => r.Shape[1]));
        return Array.ConvertAll(rows, r => r.Shape[0] == height && r.Shape[1] == width ? r : Enlarged(r, (int)height, (int)width));
    }

    private static TensorPart Enlarged(TensorPart mask, int height, int width)
    {
        var (fromHeight, fromWidth) = ((int)mask.Shape[0], (int)mask.Shape[1]);
        var pixels = new byte[height * width];
        for (var y = 0; y < height; y++)
        {
            var line = mask.Bytes.Span.Slice((int)((long)y * fromHeight / height) * fromWidth, fromWidth);
            for (var x = 0; x < width; x++)
                pixels[(y * width) + x] = line[(int)((long)x * fromWidth / width)];
        }

        return mask with { Shape = [height, width], Bytes = pixels };
    }
}
