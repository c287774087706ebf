using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Figures;

/// <summary>Axis of a plot.</summary>
/// <param name="Title">Quantity or unit of the axis.</param>
/// <param name="Log">True for values over decades.</param>
/// <param name="Low">Fixed lower end; null = from the data.</param>
/// <param name="High">Fixed upper end; null = from the data.</param>
internal sealed record FigureAxis(string Title, bool Log = false, double? Low = null, double? High = null)
{
    /// <summary>Values to mark; empty = round numbers.</summary>
    public ImmutableArray<double> Ticks { get; init; } = [];
}
