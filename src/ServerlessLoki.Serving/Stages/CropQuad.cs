using System.Collections.Immutable;
using System.Numerics;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>crop-quad</c>: the part of the query's image inside the parent's quadrilateral, made upright, as the child's variant takes pictures;
/// what is at least 1.5 times as high as wide is turned by a quarter to the left, as PaddleOCR does for texts. A detection without corners is cut by its box.</summary>
internal sealed class CropQuad : IInputProducer
{
    private const float Upright = 1.5f;

    /// <summary>Most pixels along a side: a text that is larger is made smaller.</summary>
    private const int MostSide = 4096;

    /// <inheritdoc />
    public string Name => "crop-quad";

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [];

    /// <inheritdoc />
    public ProducerNeeds Check(EdgeFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (!fit.QueryIsImage) return new("it needs a pipeline whose queries bring images (input UINT8 [-1,-1,3]).");
        if (fit.ParentKind != TaskOutputKind.Detections) return new("it needs a parent task with output kind 'detections'.");
        return fit.PictureFault is { } fault ? new(fault) : ProducerNeeds.Image;
    }

    /// <inheritdoc />
    public void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(input);
        var image = source.Image!;
        Span<Vector2> corners = stackalloc Vector2[4];
        Corners(source.Row, new Vector2(image.Width, image.Height), corners);
        var quad = new Quad(corners[0], corners[1], corners[2], corners[3]);
        var (width, height) = (Side(quad.Width), Side(quad.Height));
        if (height >= Upright * width)
        {
            (width, height) = (height, width);
            (corners[0], corners[1], corners[2], corners[3]) = (quad.TopRight, quad.BottomRight, quad.BottomLeft, quad.TopLeft);
        }

        using var crop = RgbImage.Rent(width, height);
        QuadWarp.Fill(image, corners, crop);
        RootInput.Fill(crop, ImageRegion.Whole, input, source.Form, target);
    }

    /// <summary>The child sees another picture than a part of the query's: where its boxes lie is not turned back.</summary>
    public ImageRegion? RegionOf(in StageSource source, TransformConfig config, ModelTensor input) => null;

    private static int Side(float pixels) => Math.Clamp((int)MathF.Round(pixels), 1, MostSide);

    private static void Corners(in OutputRow row, Vector2 size, Span<Vector2> corners)
    {
        ReadOnlySpan<float> box = row.Points is { AreCorners: true } points ? points.Values.AsSpan() : [row.X1, row.Y1, row.X2, row.Y1, row.X2, row.Y2, row.X1, row.Y2];
        for (var i = 0; i < corners.Length; i++)
            corners[i] = new Vector2(box[2 * i], box[(2 * i) + 1]) * size;
    }
}
