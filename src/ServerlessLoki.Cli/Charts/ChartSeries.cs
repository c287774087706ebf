using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Charts;

/// <summary>One line, or one layer of a stack.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Color">CSS colour.</param>
/// <param name="Points">Ascending in X; a NaN breaks the line.</param>
/// <param name="Dashed">For what is not measured but wanted or offered.</param>
internal sealed record ChartSeries(string Name, string Color, ImmutableArray<(double X, double Y)> Points, bool Dashed = false);
