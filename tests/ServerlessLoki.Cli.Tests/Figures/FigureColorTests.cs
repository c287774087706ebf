using ServerlessLoki.Cli.Figures;

namespace ServerlessLoki.Cli.Tests.Figures;

public sealed class FigureColorTests
{
    [Fact]
    public void OfVariant_TheMoreAccurate_IsTheStronger()
    {
        var colors = Enumerable.Range(0, 5).Select(rank => FigureColor.OfVariant(1, rank, 5)).ToArray();

        Assert.Equal(FigureColor.Of(1), colors[^1]);
        Assert.Equal(FigureColor.Of(1), FigureColor.OfVariant(1, 0, 1));
        // Of an orange only the blue grows towards white; on near-black the red fades.
        Assert.Equal(colors.Select(c => c.Light).OrderByDescending(c => c[5..], StringComparer.Ordinal), colors.Select(c => c.Light));
        Assert.Equal(colors.Select(c => c.Dark).OrderBy(c => c[1..3], StringComparer.Ordinal), colors.Select(c => c.Dark));
        Assert.Equal(5, colors.Distinct().Count());
    }

    [Fact]
    public void Css_Palette_HasEachColourForBothSchemes()
    {
        var schemes = FigureColor.Css().Split("@media (prefers-color-scheme:dark)");

        Assert.Equal(2, schemes.Length);
        Assert.All(FigureColor.Palette.Select((c, i) => (c, i)), p =>
        {
            Assert.Contains($"--p{p.i}:{p.c.Light};", schemes[0], StringComparison.Ordinal);
            Assert.Contains($"--p{p.i}:{p.c.Dark};", schemes[1], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Palette_AsManyThingsAsItHas_AreToldApart() =>
        Assert.Equal(FigureColor.Palette.Length, FigureColor.Palette.Select(c => c.Light).Concat(FigureColor.Palette.Select(c => c.Dark)).Distinct().Count() / 2);
}
