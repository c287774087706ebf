using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Figures;

/// <summary>Line of a plot, or layer of a stack.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="Color">Colour of the line or the area.</param>
/// <param name="X">Horizontal values, ascending.</param>
/// <param name="Y">Vertical values, one for each X; a NaN breaks the line.</param>
/// <param name="Dotted">True for values that are given and not measured, such as an objective.</param>
internal sealed record FigureSeries(string Name, FigureColor Color, ImmutableArray<double> X, ImmutableArray<double> Y, bool Dotted = false);
