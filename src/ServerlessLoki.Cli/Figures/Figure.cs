using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Figures;

/// <summary>Plot of a picture or page.</summary>
internal sealed record Figure
{
    /// <summary>Title of the plot.</summary>
    public required string Title { get; init; }

    /// <summary>Horizontal axis.</summary>
    public required FigureAxis X { get; init; }

    /// <summary>Vertical axis.</summary>
    public required FigureAxis Y { get; init; }

    /// <summary>Lines of the plot, or layers from the bottom up.</summary>
    public required ImmutableArray<FigureSeries> Series { get; init; }

    /// <summary>True to stack the series as areas: all have the same X, and a value holds until the next X.</summary>
    public bool Stacked { get; init; }

    /// <summary>True to mark each point.</summary>
    public bool Dots { get; init; }

    /// <summary>Named ranges of X, every other one shaded.</summary>
    public ImmutableArray<FigureBand> Bands { get; init; } = [];
}
