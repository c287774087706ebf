using System.Collections.Immutable;
using ServerlessLoki.Cli.Figures;

namespace ServerlessLoki.Cli.Pages;

/// <summary>Figures under a heading.</summary>
/// <param name="Heading">Plain text.</param>
/// <param name="Figures">In reading order.</param>
/// <param name="Wide">True for one figure in a row, so that their time axes lie above one another.</param>
internal sealed record FigureSection(string Heading, ImmutableArray<Figure> Figures, bool Wide = false);
