using System.Collections.Immutable;
using ServerlessLoki.Cli.Figures;

namespace ServerlessLoki.Cli.Tests.Figures;

/// <summary>One figure of each kind.</summary>
internal static class SampleFigures
{
    private static readonly ImmutableArray<double> Seconds = [0, 10, 20, 30, 40];

    public static FigureSeries Blue { get; } = new("unified & <b>", FigureColor.Of(0), Seconds, [10, 20, 60, 20, 10]);

    public static Figure Lines { get; } = new()
    {
        Title = "a < b & \"c\"", X = new FigureAxis("seconds"), Y = new FigureAxis("queries/s"),
        Series = [new FigureSeries("demand", FigureColor.Given, Seconds, [10, 20, 80, 20, 10], Dotted: true), Blue],
        Bands = [new FigureBand("light", 0, 15), new FigureBand("heavy", 15, 40)],
    };

    public static Figure Stacked { get; } = new()
    {
        Title = "shares", X = new FigureAxis("seconds"), Y = new FigureAxis("share", Low: 0, High: 1), Stacked = true,
        Series =
        [
            new FigureSeries("small", FigureColor.OfVariant(0, 0, 2), Seconds, [0, 0.25, 0.5, 1, 1]),
            new FigureSeries("large", FigureColor.OfVariant(0, 1, 2), Seconds, [1, 0.75, 0.5, 0, 0]),
        ],
    };

    public static Figure Log { get; } = new()
    {
        Title = "latency", X = new FigureAxis("batch size", Log: true) { Ticks = [1, 2, 4, 8, 16] }, Y = new FigureAxis("ms", Log: true), Dots = true,
        Series = [Blue with { X = [1, 2, 4, 8, 16], Y = [0.4, 0.9, 3, 20, 1500] }],
    };
}
