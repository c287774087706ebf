using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Figures;

/// <summary>One line, or one layer of a stack.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Color">Of the line or the area.</param>
/// <param name="X">Ascending.</param>
/// <param name="Y">One for each X; a NaN breaks the line.</param>
/// <param name="Dotted">True for what is given and not measured, such as an objective.</param>
internal sealed record FigureSeries(string Name, FigureColor Color, ImmutableArray<double> X, ImmutableArray<double> Y, bool Dotted = false);
