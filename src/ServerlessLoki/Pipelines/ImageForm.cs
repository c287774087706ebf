using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Conversion of an image into a model's input: each value is (pixel × <see cref="Scale"/> − <see cref="Mean"/>) ÷
/// <see cref="Deviation"/>, pixels being 0..255. Height, width, layout and datatype are the model's own.</summary>
public sealed record ImageForm
{
    /// <summary>Default conversion: stretched, RGB, values 0..1.</summary>
    public static ImageForm Default { get; } = new();

    /// <summary>Way to fit an image of other proportions. Default <see cref="ImageFit.Stretch"/>.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>Value of the borders that <see cref="ImageFit.Letterbox"/> adds, for each channel, 0..255. Default 114.</summary>
    public double Fill { get; init; } = 114;

    /// <summary>Share of each side that <see cref="ImageFit.CenterCrop"/> keeps, of the largest part that has the input's proportions;
    /// above 0 to 1. Resizing to 256 and cutting out 224 is 0.875. Default 1.</summary>
    public double Crop { get; init; } = 1;

    /// <summary>True where pictures that are made smaller go through an anti-aliasing filter, as Pillow and torchvision resize them; false
    /// where single pixels are sampled, as OpenCV does. Null = true for <see cref="ImageFit.CenterCrop"/>, else false.</summary>
    public bool? Antialias { get; init; }

    /// <summary>True where an anti-aliasing filter is used.</summary>
    public bool IsSmooth => Antialias ?? Fit == ImageFit.CenterCrop;

    /// <summary>Order of the colour channels; null = RGB, or grey where the model has one channel.</summary>
    public ImageChannels? Channels { get; init; }

    /// <summary>Factor on pixels; above 0. Default 1 ÷ 255.</summary>
    public double Scale { get; init; } = 1.0 / 255;

    /// <summary>Subtracted after scaling: one value, or one for each channel in the model's order. Default 0.</summary>
    public ImmutableArray<double> Mean { get; init; } = [0];

    /// <summary>Divisor after the mean was subtracted: one value above 0, or one for each channel in the model's order. Default
    /// 1.</summary>
    public ImmutableArray<double> Deviation { get; init; } = [1];

    /// <summary>True where values are pixels scaled to 0..1 and neither shifted nor divided.</summary>
    public bool IsUnit => Scale.Equals(1.0 / 255) && Mean.All(static m => m == 0) && Deviation.All(static d => d.Equals(1.0));

    /// <summary>Compares all members by value.</summary>
    public bool Equals(ImageForm? other) =>
        other is not null && (Fit, Fill, Crop, Antialias, Channels, Scale) == (other.Fit, other.Fill, other.Crop, other.Antialias, other.Channels, other.Scale)
        && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Fit, Fill, Crop, Channels, Scale, Mean[0], Deviation[0]);
}
