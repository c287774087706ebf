using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Shape of a model input that takes an image.</summary>
/// <param name="Height">Rows of the input.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="Channels">Number of channels: 1 or 3.</param>
/// <param name="IsPlanar">True for (channel, height, width), false for (height, width, channel).</param>
/// <param name="Datatype">Datatype: <c>FP32</c>, <c>FP16</c> or <c>UINT8</c>.</param>
internal sealed record ImageShape(int Height, int Width, int Channels, bool IsPlanar, string Datatype)
{
    /// <summary>Text of the supported shapes, for messages.</summary>
    public const string Allowed = "FP32, FP16 or UINT8, [N, C, H, W] or [N, H, W, C] with one or three channels and fixed height and width";

    /// <summary>Number of values of a row.</summary>
    public int Values => Channels * Height * Width;

    /// <summary>Reads the shape of a tensor; null where the tensor cannot take an image.</summary>
    public static ImageShape? Of(ModelTensor input)
    {
        if (input.Datatype is not ("FP32" or "FP16" or "UINT8"))
            return null;
        return input.Shape switch
        {
            [_, (1 or 3) and var channels, > 0 and var height, > 0 and var width] => new((int)height, (int)width, (int)channels, IsPlanar: true, input.Datatype),
            [_, > 0 and var height, > 0 and var width, (1 or 3) and var channels] => new((int)height, (int)width, (int)channels, IsPlanar: false, input.Datatype),
            _ => null,
        };
    }
}
