using System.Globalization;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Shape of an input that looks like an image, even where the file leaves its size open.</summary>
/// <param name="Channels">1 or 3; −1 where the file leaves it open.</param>
/// <param name="Height">Rows; −1 where the file leaves them open.</param>
/// <param name="Width">Columns; −1 where the file leaves them open.</param>
/// <param name="IsPlanar">True for (channel, height, width).</param>
/// <param name="Datatype">Datatype in the protocol's spelling.</param>
internal sealed record PictureShape(long Channels, long Height, long Width, bool IsPlanar, string Datatype)
{
    private const int LeastSide = 8;

    /// <summary>True where images can become the input: no dimension after the batch is open.</summary>
    public bool IsFixed => Channels > 0 && Height > 0 && Width > 0;

    /// <summary>Finds the image that a model takes; null where its inputs are something else.</summary>
    public static PictureShape? Of(IReadOnlyList<ModelTensor> inputs)
    {
        if (inputs is not [{ Datatype: "FP32" or "FP16" or "UINT8" } input])
            return null;
        return input.Shape switch
        {
            [_, (1 or 3) and var channels, var height, var width] when IsSide(height) && IsSide(width) => new(channels, height, width, true, input.Datatype),
            [_, var height, var width, (1 or 3) and var channels] when IsSide(height) && IsSide(width) => new(channels, height, width, false, input.Datatype),
            [_, -1, -1, -1] when input.Name is "pixel_values" or "images" or "image" => new(-1, -1, -1, true, input.Datatype),
            _ => null,
        };
    }

    /// <summary>Writes the shape with a fixed size, for the tool that fixes it.</summary>
    public string Fixed(int side) => string.Join(',', ((long[])(IsPlanar ? [1, Channels, Height, Width] : [1, Height, Width, Channels]))
        .Select((d, i) => (d > 0 ? d : i == (IsPlanar ? 1 : 3) ? 3 : side).ToString(CultureInfo.InvariantCulture)));

    private static bool IsSide(long length) => length is -1 or >= LeastSide;
}
