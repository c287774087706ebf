using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Masks as grey PNG files, where a request asks for them: a pixel's brightness is its class.</summary>
internal static class PngMasks
{
    /// <param name="output">UINT8 [n, height, width].</param>
    /// <param name="isBase64">True where they travel in JSON, which holds no bytes.</param>
    public static OutputTensor Of(OutputTensor output, bool isBase64)
    {
        var (height, width) = ((int)output.Shape[1], (int)output.Shape[2]);
        using var files = new MemoryStream();
        for (var i = 0; i < output.Shape[0]; i++)
        {
            var file = PictureCodec.EncodeGrey(output.Bytes.Span.Slice(i * height * width, height * width), width, height);
            if (isBase64)
                TextElements.Add(files, Convert.ToBase64String(file));
            else
                TextElements.Add(files, file);
        }

        return new OutputTensor(output.Name, Datatype.Bytes, [output.Shape[0]], files.ToArray(), output.Labels);
    }
}
