using ServerlessLoki.Cli.Demo;
using ServerlessLoki.Cli.Figures;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Tests.Demo;

public sealed class DemoFiguresTests
{
    private static readonly DemoModel Model = new([("detect", ["detect-n", "detect-x"]), ("read", ["read-s"])]);
    private static readonly DemoRun Refusing = Run("hardware-only", 0.9, "detect-x", second => second == 1 ? 429 : 200);
    private static readonly DemoRun Adapting = Run("unified", 0.75, "detect-n", _ => 200);

    /// <summary>Four queries in the first second, eight in the second, answered after 50 ms.</summary>
    private static DemoRun Run(string policy, double accuracy, string variant, Func<int, int> status)
    {
        LoadRecord Query(int phase, long atUs) => new(atUs, atUs, atUs + 50_000, phase, 0, new LoadReply(status(phase), accuracy, variant + ",read-s"));
        return new DemoRun(
            policy,
            [new LoadPhase("light", 4, 4, TimeSpan.FromSeconds(1)), new LoadPhase("heavy", 8, 8, TimeSpan.FromSeconds(1))],
            [.. Enumerable.Range(0, 4).Select(i => Query(0, i * 250_000)), .. Enumerable.Range(0, 8).Select(i => Query(1, 1_000_000 + (i * 125_000)))],
            [0.9],
            400);
    }

    [Fact]
    public void Course_TwoRuns_ComparesThemInDemandAccuracyAndLatency()
    {
        var course = DemoFigures.Course([Refusing, Adapting]);

        Assert.Equal(["Demand, and answers in time", "Expected accuracy of the answers", "99th percentile of the latency"], course.Select(f => f.Title));
        Assert.Equal(["queries/s", "accuracy", "ms"], course.Select(f => f.Y.Title));
        Assert.All(course, f => Assert.Equal("seconds", f.X.Title));
        Assert.Equal(["demand", "hardware-only", "unified"], course[0].Series.Select(s => s.Name));
        Assert.Equal(["hardware-only", "unified"], course[1].Series.Select(s => s.Name));
        Assert.Equal(["SLO 400 ms", "hardware-only", "unified"], course[2].Series.Select(s => s.Name));
        Assert.All(course.SelectMany(f => f.Series), s => Assert.Equal(s.Name is "demand" or "SLO 400 ms", s.Dotted));
    }

    [Fact]
    public void Course_RefusedSecond_HasNoGoodputNoAccuracyAndNoLatency()
    {
        var course = DemoFigures.Course([Refusing, Adapting]);

        Assert.Equal([4, 8], course[0].Series[0].Y);
        Assert.Equal([4, 0], course[0].Series[1].Y);
        Assert.Equal([4, 8], course[0].Series[2].Y);
        Assert.Equal([0.9, double.NaN], course[1].Series[0].Y);
        Assert.Equal([50, double.NaN], course[2].Series[1].Y);
        Assert.Equal([0.5, 1.5], course[0].Series[1].X);
        // The least accuracy is 0.75: the axis starts at a tenth below it and ends at 1.
        Assert.Equal((0.7, 1), (course[1].Y.Low, course[1].Y.High));
    }

    [Fact]
    public void Course_Phases_AreItsBands() => Assert.All(
        DemoFigures.Course([Refusing, Adapting]), f => Assert.Equal([new FigureBand("light", 0, 1), new FigureBand("heavy", 1, 2)], f.Bands));

    [Fact]
    public void Variants_ShareOfAnswers_HoldsForItsWholeSecond()
    {
        var figures = DemoFigures.Variants(Refusing, Model);

        Assert.Equal(["Variants of detect that answered under hardware-only", "Variants of read that answered under hardware-only"], figures.Select(f => f.Title));
        Assert.All(figures, f => Assert.True(f.Stacked && f.Y is { Title: "share of answers", Low: 0, High: 1 }));
        Assert.Equal(["detect-n", "detect-x"], figures[0].Series.Select(s => s.Name));
        Assert.Equal([0, 1, 2], figures[0].Series[1].X);
        Assert.Equal([1, 0, 0], figures[0].Series[1].Y);
        Assert.Equal([0, 0, 0], figures[0].Series[0].Y);
    }

    [Fact]
    public void Picture_ShowsTheCourseAndTheFirstTaskOfTheShownPolicy() => Assert.Equal(
        [.. DemoFigures.Course([Refusing, Adapting]).Select(f => f.Title), "Variants of detect that answered under unified"],
        DemoFigures.Picture([Refusing, Adapting], Model).Select(f => f.Title));
}
