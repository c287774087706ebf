using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;
using ServerlessLoki.Cli.Drawing;
using SkiaSharp;

namespace ServerlessLoki.Cli.Figures;

/// <summary>Rendering of figures into one picture.</summary>
internal static class FigurePicture
{
    /// <summary>Pixels of the picture for each pixel of its layout, so that it stays sharp on dense screens.</summary>
    public const int Density = 2;

    private const float LeftWidth = 58;
    private const float LegendWidth = 150;
    private const double Close = 1e-9;
    private const int MostTicks = 9;
    private static readonly Color Ink = Color.FromHex("#1d2129");
    private static readonly Color Soft = Color.FromHex("#5b636e");
    private static readonly Color Lines = Color.FromHex("#e3e6ea");
    private static readonly Color Shade = Color.FromHex("#626a75").WithAlpha(0.08);

    static FigurePicture() => InterFont.Register();

    /// <summary>Renders a PNG.</summary>
    /// <param name="figures">Figures, row by row.</param>
    /// <param name="columns">Figures side by side.</param>
    /// <param name="width">Width of one figure before <see cref="Density"/>, pixels.</param>
    /// <param name="height">Height of one figure before <see cref="Density"/>, pixels.</param>
    public static byte[] Render(IReadOnlyList<Figure> figures, int columns, int width, int height)
    {
        var rows = (figures.Count + columns - 1) / columns;
        using var surface = SKSurface.Create(new SKImageInfo(columns * width * Density, rows * height * Density));
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale(Density);
        for (var i = 0; i < figures.Count; i++)
        {
            var (left, top) = (i % columns * width, i / columns * height);
            using var plot = Plot(figures[i]);
            plot.Render(surface.Canvas, new PixelRect(left, left + width, top + height, top));
        }

        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static Plot Plot(Figure figure)
    {
        var plot = new Plot();
        // It shares its canvas with others.
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        foreach (var (band, i) in figure.Bands.Select((b, i) => (b, i)).Where(b => b.i % 2 == 0))
            plot.Add.HorizontalSpan(Place(figure.X, band.From), Place(figure.X, band.To), Shade).LineStyle.IsVisible = false;
        if (figure.Stacked)
            Stack(plot, figure);
        else
            Curves(plot, figure);
        Axes(plot, figure);
        Dress(plot, figure);
        return plot;
    }

    private static void Curves(Plot plot, Figure figure)
    {
        foreach (var series in figure.Series)
        {
            var line = plot.Add.Scatter(
                series.X.Select(x => Place(figure.X, x)).ToArray(), series.Y.Select(y => Place(figure.Y, y)).ToArray(), Color.FromHex(series.Color.Light));
            line.LegendText = series.Name;
            line.LineWidth = series.Dotted ? 1.5f : 2;
            line.LinePattern = series.Dotted ? LinePattern.Dotted : LinePattern.Solid;
            line.MarkerSize = figure.Dots ? 6 : 0;
        }
    }

    private static void Stack(Plot plot, Figure figure)
    {
        double[] floor = [];
        var layers = new Stack<(FigureSeries Series, double[] X, double[] From, double[] To)>();
        foreach (var series in figure.Series)
        {
            // Twice each X, with the value before it and the value from it on: steps.
            double[] xs = [.. series.X.SelectMany(x => (double[])[x, x]).Skip(1)];
            double[] values = [.. series.Y.SelectMany(y => (double[])[y, y]).SkipLast(1).Select(y => double.IsFinite(y) ? y : 0)];
            if (floor.Length == 0)
                floor = new double[xs.Length];
            double[] top = [.. values.Zip(floor, (value, below) => value + below)];
            layers.Push((series, xs, floor, top));
            floor = top;
        }

        // The legend lists them as they are added: the topmost first.
        foreach (var (series, xs, from, to) in layers)
        {
            var area = plot.Add.FillY(xs, from, to);
            area.FillColor = Color.FromHex(series.Color.Light);
            area.LineWidth = 0;
            area.LegendText = series.Name;
        }
    }

    private static void Axes(Plot plot, Figure figure)
    {
        var xs = figure.Series.SelectMany(s => s.X).Select(x => Place(figure.X, x));
        var ys = figure.Stacked ? [] : figure.Series.SelectMany(s => s.Y).Select(y => Place(figure.Y, y));
        var (left, right) = Range(figure.X, figure.Bands.IsEmpty ? xs : figure.Bands.SelectMany(b => (double[])[b.From, b.To]), tight: !figure.Dots);
        var (bottom, top) = Range(figure.Y, ys, tight: false);
        plot.Axes.SetLimits(left, right, bottom, top);
        plot.Axes.Bottom.TickGenerator = Ticks(figure.X, left, right);
        plot.Axes.Left.TickGenerator = Ticks(figure.Y, bottom, top);
        plot.XLabel(figure.X.Title);
        plot.YLabel(figure.Y.Title);
        if (figure.Bands.IsEmpty)
            return;
        // Their names stand above the plot, where no line crosses them.
        plot.Axes.SetLimitsX(left, right, plot.Axes.Top);
        plot.Axes.Top.TickGenerator = new NumericManual(
            [.. figure.Bands.Select(b => (Place(figure.X, b.From) + Place(figure.X, b.To)) / 2)], [.. figure.Bands.Select(b => b.Name)]);
    }

    /// <summary>Computes the ends of an axis in the plot's own units.</summary>
    private static (double Low, double High) Range(FigureAxis axis, IEnumerable<double> places, bool tight)
    {
        var all = places.Where(double.IsFinite).ToArray();
        var (low, high) = all.Length == 0 ? (0, 1) : (all.Min(), all.Max());
        if (axis.Log && axis.Ticks.IsEmpty)
            return (Math.Log10(Rounds(low).Last(t => Math.Log10(t) <= low + Close)), Math.Log10(Rounds(high).First(t => Math.Log10(t) > high)));
        var room = tight ? 0 : 0.06 * (high > low ? high - low : 1);
        // Counts and rates start at 0; a logarithm does not.
        var least = axis.Log || low < 0 ? low - room : tight ? low : 0;
        return (axis.Low is { } from ? Place(axis, from) : least, axis.High is { } to ? Place(axis, to) : high + room > least ? high + room : least + 1);
    }

    private static ITickGenerator Ticks(FigureAxis axis, double low, double high)
    {
        if (!axis.Log && axis.Ticks.IsEmpty)
            return new NumericAutomatic { LabelFormatter = Number, TickDensity = 0.6 };
        double[] ticks = axis.Ticks.IsEmpty ? [.. Rounds(low, high).Where(t => Math.Log10(t) >= low - Close && Math.Log10(t) <= high + Close)] : [.. axis.Ticks];
        if (axis.Ticks.IsEmpty && ticks.Length > MostTicks)
            ticks = [.. ticks.Where(t => Math.Abs(Math.Log10(t) - Math.Round(Math.Log10(t))) < Close)];
        return new NumericManual([.. ticks.Select(t => Place(axis, t))], [.. ticks.Select(Number)]);
    }

    /// <summary>Lists 1, 2 and 5 times the powers of ten around a logarithm, or around two and between them.</summary>
    private static IEnumerable<double> Rounds(double low, double? high = null)
    {
        for (var decade = (int)Math.Floor(low); decade <= Math.Floor(high ?? low) + 1; decade++)
        {
            foreach (var digit in (double[])[1, 2, 5])
                yield return digit * Math.Pow(10, decade);
        }
    }

    private static void Dress(Plot plot, Figure figure)
    {
        plot.Font.Set(InterFont.Name);
        plot.Axes.Color(Soft);
        plot.Title(figure.Title, 13);
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.ForeColor = Ink;
        plot.Grid.MajorLineColor = Lines;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Top.MajorTickStyle.Length = 0;
        // The same on every plot, so that those above one another have one time axis.
        plot.Axes.Left.MinimumSize = LeftWidth;
        plot.Axes.Left.MaximumSize = LeftWidth;
        foreach (var axis in plot.Axes.GetAxes())
        {
            axis.Label.FontSize = 11;
            axis.Label.Bold = false;
            axis.TickLabelStyle.FontSize = 11;
            axis.MinorTickStyle.Length = 0;
        }

        if (figure.Series.IsEmpty)
            return;
        var legend = plot.ShowLegend(Edge.Right);
        legend.MinimumSize = LegendWidth;
        legend.Alignment = Alignment.UpperLeft;
        legend.Legend.FontSize = 11;
        legend.Legend.InterItemPadding = new PixelPadding(0, 8, 1, 1);
        legend.Legend.FontColor = Ink;
        legend.Legend.OutlineWidth = 0;
        legend.Legend.ShadowColor = Colors.Transparent;
    }

    private static double Place(FigureAxis axis, double value) => axis.Log ? Math.Log10(value) : value;

    private static string Number(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);
}
