using System.Xml.Linq;
using ServerlessLoki.Cli.Charts;

namespace ServerlessLoki.Cli.Tests.Charts;

public sealed class ChartSheetTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static ChartPanel Panel(bool stacked = false, bool log = false) => new()
    {
        Title = "a < b & \"c\"",
        Stacked = stacked,
        Log = log,
        Dots = !stacked,
        Series = [new ChartSeries("one", "#123456", [(1, 2), (2, double.NaN), (4, 8)]), new ChartSeries("two", "#654321", [(1, 1), (2, 3), (4, 0.5)], Dashed: true)],
        Rules = [(5, "SLO")],
        Bands = log ? [] : [(1, 2, "x"), (2, 4, "y")],
    };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Render_AnyKind_IsWellFormedSvg(bool stacked, bool log)
    {
        var svg = XElement.Parse(ChartSheet.Render("t & t", [Panel(stacked, log), Panel(), Panel()], 2, 300, 200));

        Assert.Equal(Svg + "svg", svg.Name);
        Assert.All(svg.Descendants(), e => Assert.Equal(Svg, e.Name.Namespace));
        Assert.Contains(svg.Descendants(Svg + "text"), t => t.Value == "a < b & \"c\"");
        Assert.DoesNotContain(svg.Descendants().Attributes(), a => a.Value.Contains("NaN", StringComparison.Ordinal));
    }

    [Fact]
    public void Render_Gap_BreaksTheLine()
    {
        var svg = XElement.Parse(ChartSheet.Render("t", [Panel()], 1, 300, 200));

        var line = svg.Descendants(Svg + "path").First(p => p.Attribute("stroke")?.Value == "#123456");
        Assert.Equal(2, line.Attribute("d")!.Value.Count(c => c == 'M'));
    }

    [Fact]
    public void Render_NoPoints_StillDraws()
    {
        var empty = new ChartPanel { Title = "none", Series = [new ChartSeries("a", "#000", [])] };

        Assert.NotNull(XElement.Parse(ChartSheet.Render("t", [empty, empty with { Stacked = true, Series = [] }, empty with { Log = true }], 1, 300, 200)));
    }

    [Fact]
    public void Render_EveryMark_LiesInsideTheSheet()
    {
        var svg = XElement.Parse(ChartSheet.Render("t", [Panel()], 1, 300, 200));

        Assert.All(svg.Descendants(Svg + "circle"), c =>
        {
            Assert.InRange((double)c.Attribute("cx")!, 0, 300);
            Assert.InRange((double)c.Attribute("cy")!, 0, 200);
        });
    }

    [Theory]
    [InlineData(0, 97, false)]
    [InlineData(0, 0, false)]
    [InlineData(-3, 4, false)]
    [InlineData(0.02, 310, true)]
    [InlineData(5, 5, true)]
    public void Axis_Cover_TicksAscendAndCoverTheRange(double low, double high, bool log)
    {
        var axis = Axis.Cover(low, high, log, 4);

        Assert.True(axis.Low <= low && axis.High >= high && axis.High > axis.Low);
        Assert.InRange(axis.Ticks.Count, 2, 12);
        Assert.True(axis.Ticks.Zip(axis.Ticks.Skip(1)).All(t => t.First < t.Second));
        Assert.Equal(0, axis.Position(axis.Low), 9);
        Assert.Equal(1, axis.Position(axis.High), 9);
    }
}
