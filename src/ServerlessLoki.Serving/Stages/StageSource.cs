using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Sources of one child's input. References only: nothing is copied before the batch forms.</summary>
/// <param name="image">The query's own image; null if it brought a tensor.</param>
/// <param name="row">The parent's row that the child is about.</param>
/// <param name="parentTensor">The parent's raw output row; empty unless the producer asked for it.</param>
public readonly ref struct StageSource(RgbImage? image, OutputRow row, ReadOnlySpan<byte> parentTensor)
{
    /// <summary>The query's own image; null if it brought a tensor.</summary>
    public RgbImage? Image { get; } = image;

    /// <summary>The parent's row that the child is about; default for a raw tensor.</summary>
    public OutputRow Row { get; } = row;

    /// <summary>The parent's raw output row; empty unless the producer asked for it.</summary>
    public ReadOnlySpan<byte> ParentTensor { get; } = parentTensor;

    /// <summary>Height and width of the parent's row where that is an image, FP32 [3, H, W]; null where it is not.</summary>
    public (int Height, int Width)? ParentImage { get; init; }

    /// <summary>Conversion of images for the child's variant.</summary>
    public ImageForm Form { get; init; } = ImageForm.Default;
}
