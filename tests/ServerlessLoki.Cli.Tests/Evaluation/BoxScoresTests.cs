using ServerlessLoki.Cli.Evaluation;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Tests.Evaluation;

/// <summary>Mean average precision against values worked out by hand.</summary>
public sealed class BoxScoresTests
{
    [Fact]
    public void At50_AllFound_IsOne()
    {
        var scores = new BoxScores();
        scores.Add([Truth("cat", 0)], [("cat", Row(0.9f, 0))]);

        Assert.Equal(1, scores.At50().Value, 9);
        Assert.Equal(1, scores.At50To95(), 9);
    }

    [Fact]
    public void At50_AFalseRowBeforeTheRightOne_HalvesThePrecision()
    {
        var scores = new BoxScores();
        scores.Add([Truth("cat", 0)], [("cat", Row(0.9f, 0.6)), ("cat", Row(0.8f, 0))]);

        Assert.Equal(0.5, scores.At50().Value, 9);
    }

    [Fact]
    public void At50_OneOfTwoFound_IsTheRecallThatIsReached()
    {
        // 51 of the 101 points of recall lie at 0.5 or below.
        var scores = new BoxScores();
        scores.Add([Truth("cat", 0), Truth("cat", 0.6)], [("cat", Row(0.9f, 0))]);

        Assert.Equal(51 / 101.0, scores.At50().Value, 9);
    }

    [Fact]
    public void At50_ClassesCountAlike_AndThoseWithoutAnObjectDoNot()
    {
        var scores = new BoxScores();
        scores.Add([Truth("cat", 0), Truth("dog", 0.6)], [("cat", Row(0.9f, 0)), ("cow", Row(0.9f, 0.3))]);

        Assert.Equal(0.5, scores.At50().Value, 9);
    }

    [Fact]
    public void At50_ASecondRowOnOneObject_IsFalse()
    {
        var scores = new BoxScores();
        scores.Add([Truth("cat", 0), Truth("cat", 0.6)], [("cat", Row(0.9f, 0)), ("cat", Row(0.8f, 0.01)), ("cat", Row(0.7f, 0.6))]);

        // Recall 0.5 at precision 1; recall 1 at 2 of 3.
        Assert.Equal((51 + (50 * 2 / 3.0)) / 101, scores.At50().Value, 9);
    }

    [Fact]
    public void At50_RowsInACrowd_AreNeitherRightNorWrong()
    {
        var scores = new BoxScores();
        scores.Add([Truth("cat", 0), new TruthBox("cat", "", 0.5, 0, 1, 0.5, IsCrowd: true)], [("cat", Row(0.9f, 0.6)), ("cat", Row(0.8f, 0.7)), ("cat", Row(0.7f, 0))]);

        Assert.Equal(1, scores.At50().Value, 9);
    }

    [Fact]
    public void At50To95_AHalfShiftedRow_CountsUpToItsOverlap()
    {
        // Shifted by a fifth of its width: 0.8 ÷ 1.2 = 0.667, which is enough at 0.5, 0.55, 0.6 and 0.65.
        var scores = new BoxScores();
        scores.Add([Truth("cat", 0)], [("cat", Row(0.9f, 0.04))]);

        Assert.Equal(0.4, scores.At50To95(), 9);
    }

    [Fact]
    public void At50_Interval_HoldsTheValueAndNarrowsWithPictures()
    {
        var (few, many) = (Half(10), Half(400));

        Assert.InRange(few.Value, few.Low, few.High);
        Assert.True(many.High - many.Low < (few.High - few.Low) / 2, $"{few.Interval}, {many.Interval}");
    }

    private static Estimate Half(int pictures)
    {
        var scores = new BoxScores();
        for (var i = 0; i < pictures; i++)
            scores.Add([Truth("cat", 0)], i % 2 == 0 ? [("cat", Row(0.9f, 0))] : []);
        return scores.At50();
    }

    private static TruthBox Truth(string label, double x) => new(label, "", x, 0, x + 0.2, 0.2, IsCrowd: false);

    private static OutputRow Row(float score, double x) => new(0, score, (float)x, 0, (float)(x + 0.2), 0.2f);
}
