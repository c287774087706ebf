using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Settings for converting a reader's numbers to detections: the file's, and the decoder's defaults for the rest.
/// Immutable.</summary>
/// <param name="Boxes">Meaning of the four numbers of a box.</param>
/// <param name="Width">Divisor of horizontal numbers.</param>
/// <param name="Height">Divisor of vertical numbers.</param>
/// <param name="MinScore">Least score, 0..1: detections below it are ignored.</param>
/// <param name="Labels">Number of labels: classes from here on are ignored.</param>
public sealed record DetectionForm(BoxForm Boxes, float Width, float Height, float MinScore, int Labels)
{
    /// <summary>Most detections of a head with thousands of places.</summary>
    private const int MostOfNms = 300;

    /// <summary>Largest class number; a float holds each below it exactly.</summary>
    private const int MostClasses = 1 << 24;

    /// <summary>Intersection over union above which a box drops one of lower score, 0..1; null = no box is dropped.</summary>
    public float? Nms { get; init; }

    /// <summary>True where boxes of different classes suppress each other too.</summary>
    public bool IsNmsOverAll { get; init; }

    /// <summary>Most detections of one row, the best first.</summary>
    public int MaxDetections { get; init; } = int.MaxValue;

    internal static DetectionForm? Of(OutputFit fit, DetectionDefaults defaults, out string? fault)
    {
        var said = fit.Expected.Detections;
        var isNormalised = said.IsNormalised ?? defaults.IsNormalised;
        fault = isNormalised || fit.Image is not null ? null
            : "its boxes are taken for pixels, but the model has no image input of a fixed size to divide them by: fix height and width when you export it, or say \"normalised\": true where boxes are 0..1";
        if (fault is not null)
            return null;
        var (height, width) = isNormalised ? (1, 1) : fit.Image!.Value;
        var nms = said.Nms ?? defaults.Nms;
        return new DetectionForm(said.Boxes ?? defaults.Boxes, width, height, (float)(fit.Expected.MinScore ?? defaults.MinScore), fit.Labels == 0 ? MostClasses : fit.Labels)
        {
            Nms = (float?)nms, IsNmsOverAll = said.IsNmsOverAll, MaxDetections = said.MaxDetections ?? (nms is null ? int.MaxValue : MostOfNms),
        };
    }
}
