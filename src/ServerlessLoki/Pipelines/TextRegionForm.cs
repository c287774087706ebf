namespace ServerlessLoki.Pipelines;

/// <summary>How regions of text are cut out of a map of probabilities; the defaults are PaddleOCR's.</summary>
public sealed record TextRegionForm
{
    /// <summary>PaddleOCR's.</summary>
    public static TextRegionForm Default { get; } = new();

    /// <summary>Pixels above it belong to a text; 0..1.</summary>
    public double Threshold { get; init; } = 0.3;

    /// <summary>Regions whose mean probability is below it are ignored; 0..1.</summary>
    public double BoxThreshold { get; init; } = 0.6;

    /// <summary>How far a region is grown: by its area times this ÷ its perimeter, on each side; 0 to 10.</summary>
    public double UnclipRatio { get; init; } = 1.5;

    /// <summary>Most regions that are looked at; at least 1.</summary>
    public int MaxCandidates { get; init; } = 1000;
}
