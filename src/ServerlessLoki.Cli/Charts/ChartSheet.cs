using System.Globalization;
using System.Text;
using System.Xml;

namespace ServerlessLoki.Cli.Charts;

/// <summary>Draws panels in columns as one SVG. Follows the reader's light or dark setting.</summary>
internal static class ChartSheet
{
    private const double Gap = 26;
    private const double Left = 46;
    private const double Top = 30;
    private const double Bottom = 30;
    private const double LegendHeight = 18;

    /// <summary>Style of the SVG's parts; the page that holds inline SVG includes it once.</summary>
    public const string Style = """
        .sheet{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;--ink:#1d2129;--soft:#6b7280;--grid:#e3e6ea;--band:#f4f6f8;--paper:#fff;background:var(--paper)}
        .sheet text{fill:var(--soft)}.sheet .title{fill:var(--ink);font-weight:600;font-size:13px}.sheet .grid{stroke:var(--grid)}
        .sheet .axis{stroke:var(--soft)}.sheet .band{fill:var(--band)}.sheet .rule{stroke:#c0392b;stroke-dasharray:5 4}.sheet text.rule-label{fill:#c0392b}
        .sheet .paper{fill:var(--paper)}.sheet path{stroke-linejoin:round;stroke-linecap:round}
        @media (prefers-color-scheme:dark){.sheet{--ink:#e8eaed;--soft:#9aa3af;--grid:#2c323a;--band:#1b2027;--paper:#13161b}.sheet .rule{stroke:#ff7b6b}.sheet text.rule-label{fill:#ff7b6b}}
        """;

    /// <summary>Renders a stand-alone SVG document.</summary>
    /// <param name="title">For the document; shown above the panels.</param>
    /// <param name="panels">Row by row.</param>
    /// <param name="columns">Panels side by side.</param>
    /// <param name="panelWidth">Pixels.</param>
    /// <param name="panelHeight">Pixels.</param>
    /// <param name="inline">True for an element inside HTML: no style of its own.</param>
    public static string Render(
        string title, IReadOnlyList<ChartPanel> panels, int columns, double panelWidth, double panelHeight, bool inline = false)
    {
        var rows = (panels.Count + columns - 1) / columns;
        var head = inline ? 0 : 34.0;
        var width = (columns * panelWidth) + ((columns + 1) * Gap / 2);
        var height = head + (rows * (panelHeight + (Gap / 2))) + (Gap / 2);
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = false }))
        {
            xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
            Set(xml, "class", "sheet");
            Set(xml, "viewBox", $"0 0 {N(width)} {N(height)}");
            Set(xml, "role", "img");
            Set(xml, "aria-label", title);
            if (!inline)
            {
                Set(xml, "width", N(width));
                Set(xml, "height", N(height));
                xml.WriteElementString("title", title);
                xml.WriteElementString("style", Style);
                Rect(xml, "paper", 0, 0, width, height);
                Text(xml, Gap / 2, 22, title, "title");
            }

            for (var i = 0; i < panels.Count; i++)
            {
                var x = (Gap / 2) + (i % columns * (panelWidth + (Gap / 2)));
                var y = head + (Gap / 4) + (i / columns * (panelHeight + (Gap / 2)));
                xml.WriteStartElement("g");
                Set(xml, "transform", $"translate({N(x)} {N(y)})");
                Panel(xml, panels[i], panelWidth, panelHeight);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return text.ToString();
    }

    private static void Panel(XmlWriter xml, ChartPanel panel, double width, double height)
    {
        var frame = new Frame(Left, Top + LegendHeight, width - Left - 8, height - Top - LegendHeight - Bottom);
        var (x, y) = Axes(panel);
        Text(xml, 0, 14, panel.Title, "title");
        Legend(xml, panel, width);
        for (var i = 0; i < panel.Bands.Length; i++)
        {
            var (from, to, label) = panel.Bands[i];
            var start = frame.X(x.Position(from));
            var end = frame.X(x.Position(to));
            if (i % 2 == 0)
                Rect(xml, "band", start, frame.Top, end - start, frame.Height);
            Text(xml, (start + end) / 2, frame.Top + frame.Height + 25, label, null, "middle");
        }

        foreach (var tick in y.Ticks)
        {
            Line(xml, "grid", frame.Left, frame.Y(y.Position(tick)), frame.Left + frame.Width, frame.Y(y.Position(tick)));
            Text(xml, frame.Left - 6, frame.Y(y.Position(tick)) + 4, Axis.Label(tick), null, "end");
        }

        foreach (var tick in x.Ticks)
            Text(xml, frame.X(x.Position(tick)), frame.Top + frame.Height + (panel.Bands.IsEmpty ? 15 : 13), Axis.Label(tick), null, "middle");
        if (panel.XLabel is not null)
            Text(xml, frame.Left + frame.Width, frame.Top + frame.Height + 27, panel.XLabel, null, "end");
        if (panel.Stacked)
            Stack(xml, panel, frame, x, y);
        else
            Lines(xml, panel, frame, x, y);
        foreach (var (value, label) in panel.Rules)
        {
            var at = frame.Y(y.Position(value));
            Line(xml, "rule", frame.Left, at, frame.Left + frame.Width, at);
            Text(xml, frame.Left + frame.Width - 2, at - 4, label, "rule-label", "end");
        }

        Line(xml, "axis", frame.Left, frame.Top + frame.Height, frame.Left + frame.Width, frame.Top + frame.Height);
    }

    private static (Axis X, Axis Y) Axes(ChartPanel panel)
    {
        var points = panel.Series.SelectMany(s => s.Points).Where(p => double.IsFinite(p.Y)).ToArray();
        var xs = points.Select(p => p.X).Concat(panel.Bands.SelectMany(b => (double[])[b.From, b.To])).DefaultIfEmpty(0);
        var ys = (panel.Stacked
                ? points.GroupBy(p => p.X).Select(g => g.Sum(p => p.Y))
                : points.Select(p => p.Y))
            .Concat(panel.Rules.Select(r => r.Y)).DefaultIfEmpty(panel.Log ? 1 : 0).ToArray();
        var x = panel.XTicks is { } ticks
            ? Axis.Fixed([.. ticks], panel.Log)
            : Axis.Cover(xs.Min(), xs.Max(), panel.Log, 6, tight: true);
        var low = panel.YMin ?? (panel.Log ? ys.Min() : Math.Min(0, ys.Min()));
        return (x, Axis.Cover(low, panel.YMax ?? ys.Max(), panel.Log, 4, tight: panel.YMin is not null && panel.YMax is not null));
    }

    private static void Legend(XmlWriter xml, ChartPanel panel, double width)
    {
        double at = 0;
        foreach (var series in panel.Series)
        {
            var need = 34 + (series.Name.Length * 6.4);
            if (at + need > width)
                break;
            Line(xml, null, at, 29, at + 13, 29, series);
            Text(xml, at + 17, 33, series.Name);
            at += need;
        }
    }

    private static void Lines(XmlWriter xml, ChartPanel panel, Frame frame, Axis x, Axis y)
    {
        foreach (var series in panel.Series)
        {
            var path = new StringBuilder();
            var pen = false;
            foreach (var (px, py) in series.Points)
            {
                if (!double.IsFinite(py))
                {
                    pen = false;
                    continue;
                }

                path.Append(pen ? 'L' : 'M').Append(N(frame.X(x.Position(px)))).Append(' ').Append(N(frame.Y(y.Position(py))));
                pen = true;
            }

            if (path.Length == 0)
                continue;
            xml.WriteStartElement("path");
            Set(xml, "d", path.ToString());
            Stroke(xml, series);
            xml.WriteEndElement();
            if (panel.Dots)
                Dots(xml, series, frame, x, y);
        }
    }

    private static void Dots(XmlWriter xml, ChartSeries series, Frame frame, Axis x, Axis y)
    {
        foreach (var (px, py) in series.Points.Where(p => double.IsFinite(p.Y)))
        {
            xml.WriteStartElement("circle");
            Set(xml, "cx", N(frame.X(x.Position(px))));
            Set(xml, "cy", N(frame.Y(y.Position(py))));
            Set(xml, "r", "2.6");
            Set(xml, "fill", series.Color);
            xml.WriteElementString("title", $"{series.Name}: {Axis.Label(px)} → {py.ToString("0.###", CultureInfo.InvariantCulture)}");
            xml.WriteEndElement();
        }
    }

    private static void Stack(XmlWriter xml, ChartPanel panel, Frame frame, Axis x, Axis y)
    {
        if (panel.Series.IsEmpty)
            return;
        var floor = new double[panel.Series[0].Points.Length];
        foreach (var series in panel.Series)
        {
            if (series.Points.All(p => !(p.Y > 0)))
                continue;
            var path = new StringBuilder();
            for (var i = 0; i < floor.Length; i++)
            {
                var top = floor[i] + (double.IsFinite(series.Points[i].Y) ? series.Points[i].Y : 0);
                path.Append(i == 0 ? 'M' : 'L').Append(N(frame.X(x.Position(series.Points[i].X)))).Append(' ').Append(N(frame.Y(y.Position(top))));
            }

            for (var i = floor.Length - 1; i >= 0; i--)
            {
                path.Append('L').Append(N(frame.X(x.Position(series.Points[i].X)))).Append(' ').Append(N(frame.Y(y.Position(floor[i]))));
                floor[i] += double.IsFinite(series.Points[i].Y) ? series.Points[i].Y : 0;
            }

            xml.WriteStartElement("path");
            Set(xml, "d", path.Append('Z').ToString());
            Set(xml, "fill", series.Color);
            Set(xml, "fill-opacity", "0.85");
            xml.WriteElementString("title", series.Name);
            xml.WriteEndElement();
        }
    }

    private static void Stroke(XmlWriter xml, ChartSeries series)
    {
        Set(xml, "fill", "none");
        Set(xml, "stroke", series.Color);
        Set(xml, "stroke-width", "2");
        if (series.Dashed)
            Set(xml, "stroke-dasharray", "4 4");
    }

    private static void Text(XmlWriter xml, double x, double y, string text, string? css = null, string? anchor = null)
    {
        xml.WriteStartElement("text");
        Set(xml, "x", N(x));
        Set(xml, "y", N(y));
        if (css is not null)
            Set(xml, "class", css);
        if (anchor is not null)
            Set(xml, "text-anchor", anchor);
        xml.WriteString(text);
        xml.WriteEndElement();
    }

    private static void Line(XmlWriter xml, string? css, double x1, double y1, double x2, double y2, ChartSeries? series = null)
    {
        xml.WriteStartElement("line");
        if (css is not null)
            Set(xml, "class", css);
        Set(xml, "x1", N(x1));
        Set(xml, "y1", N(y1));
        Set(xml, "x2", N(x2));
        Set(xml, "y2", N(y2));
        if (series is not null)
            Stroke(xml, series);
        xml.WriteEndElement();
    }

    private static void Rect(XmlWriter xml, string css, double x, double y, double width, double height)
    {
        xml.WriteStartElement("rect");
        Set(xml, "class", css);
        Set(xml, "x", N(x));
        Set(xml, "y", N(y));
        Set(xml, "width", N(width));
        Set(xml, "height", N(height));
        xml.WriteEndElement();
    }

    private static void Set(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, value);

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private sealed record Frame(double Left, double Top, double Width, double Height)
    {
        public double X(double share) => Left + (share * Width);

        public double Y(double share) => Top + ((1 - share) * Height);
    }
}
