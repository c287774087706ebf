using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Tests.Load;

public sealed class LoadReportsTests
{
    private static LoadRecord Query(double dueMs, double sentMs, double doneMs, int status = 200, double accuracy = 0.9, int phase = 0, string? variants = null) =>
        new((long)(dueMs * 1000), (long)(sentMs * 1000), (long)(doneMs * 1000), phase, 0, new LoadReply(status, accuracy, variants));

    [Fact]
    public void Of_LateSend_CountsFromTheIntendedTime()
    {
        // Sent 80 ms late and answered 10 ms after that: the user waited 90 ms.
        var report = LoadReports.Of("x", 1, [Query(0, 80, 90)], 50);

        Assert.Equal(90, report.P50Ms);
        Assert.Equal(0, report.SloAttainment);
        Assert.Equal(80, report.SendLagP99Ms);
        Assert.Equal(0, report.UnservedShare);
    }

    [Fact]
    public void Of_Mixed_CountsAttainmentOverAllOffered()
    {
        var report = LoadReports.Of(
            "x", 2, [Query(0, 0, 10), Query(0, 0, 99), Query(0, 0, 5, 429), Query(0, 0, 100, LoadStatus.TimedOut)], 50);

        Assert.Equal(0.25, report.SloAttainment);
        Assert.Equal(0.5, report.GoodputQps);
        Assert.Equal(0.5, report.UnservedShare);
        Assert.Equal((2, 1), (report.Completed, report.BeyondSlo));
        Assert.Equal(2, report.OfferedQps);
        Assert.Equal(new Dictionary<string, int>(StringComparer.Ordinal) { ["200"] = 2, ["429"] = 1, ["timeout"] = 1 }, report.Outcomes);
    }

    [Fact]
    public void Of_Accuracy_IsTheMeanOfAnswersThatCarryOne()
    {
        var report = LoadReports.Of("x", 1, [Query(0, 0, 1, accuracy: 0.5), Query(0, 0, 1, accuracy: 0.7), Query(0, 0, 1, accuracy: double.NaN), Query(0, 0, 1, 429, 0)], 50);

        Assert.Equal(0.6, report.EffectiveAccuracy!.Value, 1e-12);
    }

    [Fact]
    public void Of_Nothing_HasNoFiguresAndNoFaults()
    {
        var report = LoadReports.Of("x", 1, [], 50);

        Assert.Equal((1, 0, null, null), (report.SloAttainment, report.UnservedShare, report.P99Ms, report.EffectiveAccuracy));
    }

    [Fact]
    public void Of_Variants_CountsEachNameOfTheList()
    {
        var report = LoadReports.Of("x", 1, [Query(0, 0, 1, variants: "d=d-n,c=c-s+c-m"), Query(0, 0, 1, variants: "d=d-n")], 50);

        Assert.Equal(new Dictionary<string, int>(StringComparer.Ordinal) { ["c-m"] = 1, ["c-s"] = 1, ["d-n"] = 2 }, report.Variants);
    }

    [Fact]
    public void PerPhase_SplitsByPhaseAndEndsWithAll()
    {
        LoadPhase[] phases = [new("a", 1, 1, TimeSpan.FromSeconds(1)), new("b", 1, 1, TimeSpan.FromSeconds(3))];

        var reports = LoadReports.PerPhase(phases, [Query(0, 0, 1), Query(1, 1, 2, phase: 1), Query(2, 2, 3, phase: 1)], 50);

        Assert.Equal([("a", 1), ("b", 2), ("all", 3)], reports.Select(r => (r.Name, r.Offered)));
        Assert.Equal(4, reports[^1].Seconds);
    }

    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(0.999, 100)]
    [InlineData(0, 1)]
    public void Percentile_Of_IsTheNearestRank(double q, double expected) =>
        Assert.Equal(expected, Percentile.Of([.. Enumerable.Range(1, 100).Select(i => (double)i)], q));
}
