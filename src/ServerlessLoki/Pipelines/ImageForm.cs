using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>How a picture becomes a model's input: each value is (pixel × <see cref="Scale"/> − <see cref="Mean"/>) ÷ <see cref="Deviation"/>, pixels
/// being 0..255. Height, width, layout and datatype are the model's own.</summary>
public sealed record ImageForm
{
    /// <summary>Nothing is said: stretched, RGB, 0..1.</summary>
    public static ImageForm Default { get; } = new();

    /// <summary>How a picture of other proportions is fitted.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>Of the borders that <see cref="ImageFit.Letterbox"/> adds, each channel, 0..255. Default 114.</summary>
    public double Fill { get; init; } = 114;

    /// <summary>With <see cref="ImageFit.CenterCrop"/>: how much of the largest part that has the input's proportions is kept, of each
    /// side, above 0 to 1. Resizing to 256 and cutting out 224 is 0.875. Default 1.</summary>
    public double Crop { get; init; } = 1;

    /// <summary>Which channels, in which order; null = RGB, or grey where the model has one.</summary>
    public ImageChannels? Channels { get; init; }

    /// <summary>Factor on pixels; above 0. Default 1 ÷ 255.</summary>
    public double Scale { get; init; } = 1.0 / 255;

    /// <summary>Subtracted after scaling: one value, or one for each channel in the model's order. Default 0.</summary>
    public ImmutableArray<double> Mean { get; init; } = [0];

    /// <summary>Divisor afterwards: one value above 0, or one for each channel in the model's order. Default 1.</summary>
    public ImmutableArray<double> Deviation { get; init; } = [1];

    /// <summary>True where pixels are 0..1 as they are.</summary>
    public bool IsUnit => Scale.Equals(1.0 / 255) && Mean.All(static m => m == 0) && Deviation.All(static d => d.Equals(1.0));

    /// <summary>Same values in all members.</summary>
    public bool Equals(ImageForm? other) =>
        other is not null && (Fit, Fill, Crop, Channels, Scale) == (other.Fit, other.Fill, other.Crop, other.Channels, other.Scale)
        && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Fit, Fill, Crop, Channels, Scale, Mean[0], Deviation[0]);
}
