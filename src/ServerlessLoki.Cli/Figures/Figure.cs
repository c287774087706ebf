using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Figures;

/// <summary>One plot: what pictures and pages draw.</summary>
internal sealed record Figure
{
    /// <summary>What it shows.</summary>
    public required string Title { get; init; }

    /// <summary>Horizontal axis.</summary>
    public required FigureAxis X { get; init; }

    /// <summary>Vertical axis.</summary>
    public required FigureAxis Y { get; init; }

    /// <summary>Lines, or layers from the bottom up.</summary>
    public required ImmutableArray<FigureSeries> Series { get; init; }

    /// <summary>True to stack the series as areas: all have the same X, and a value holds until the next X.</summary>
    public bool Stacked { get; init; }

    /// <summary>True to mark each point.</summary>
    public bool Dots { get; init; }

    /// <summary>Named stretches of X, every other one shaded.</summary>
    public ImmutableArray<FigureBand> Bands { get; init; } = [];
}
