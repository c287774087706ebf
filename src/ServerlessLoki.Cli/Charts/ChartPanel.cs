using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Charts;

/// <summary>One small chart of a sheet.</summary>
internal sealed record ChartPanel
{
    /// <summary>Heading, with the unit of the y axis.</summary>
    public required string Title { get; init; }

    /// <summary>Under the x axis; null = nothing.</summary>
    public string? XLabel { get; init; }

    /// <summary>Lines, or layers from the bottom up.</summary>
    public required ImmutableArray<ChartSeries> Series { get; init; }

    /// <summary>True to stack the series as areas; all must have the same X values.</summary>
    public bool Stacked { get; init; }

    /// <summary>True to mark each point.</summary>
    public bool Dots { get; init; }

    /// <summary>Logarithmic axes: for figures over decades.</summary>
    public bool Log { get; init; }

    /// <summary>Fixed lower end of y; null = from the data.</summary>
    public double? YMin { get; init; }

    /// <summary>Fixed upper end of y; null = from the data.</summary>
    public double? YMax { get; init; }

    /// <summary>Fixed x ticks; null = round numbers.</summary>
    public ImmutableArray<double>? XTicks { get; init; }

    /// <summary>Horizontal lines, such as an objective.</summary>
    public ImmutableArray<(double Y, string Label)> Rules { get; init; } = [];

    /// <summary>Named stretches of x, shaded in turn.</summary>
    public ImmutableArray<(double From, double To, string Label)> Bands { get; init; } = [];
}
