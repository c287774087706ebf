using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

public sealed class StageOutputsTests
{
    private static readonly TaskOutput Detect = new(TaskOutputKind.Detections, null, ["car", "person"], 0.3);
    private static readonly TaskOutput Classify = new(TaskOutputKind.Classification, null, ["a", "b", "c"], 0);

    [Fact]
    public void TryRead_OfDetections_KeepsThoseThatCount()
    {
        float[] row =
        [
            0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 1,
            0.1f, 0.2f, 0.5f, 0.6f, 0.29f, 0,
            -0.5f, 0.2f, 1.5f, 0.6f, 0.3f, 0,
            0.5f, 0.2f, 0.5f, 0.6f, 0.9f, 0,
            float.NaN, 0.2f, 0.5f, 0.6f, 0.29f, 0,
            0.1f, 0.2f, 0.5f, 0.6f, float.NegativeInfinity, float.NaN,
            0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 2,
            0.1f, 0.2f, 0.5f, 0.6f, 0.9f, -1,
        ];
        var rows = new List<OutputRow> { default };
        Assert.True(TryRead(Detect, row, rows));
        Assert.Equal([new OutputRow(1, 0.9f, 0.1f, 0.2f, 0.5f, 0.6f), new OutputRow(0, 0.3f, 0, 0.2f, 1, 0.6f)], rows);
    }

    [Fact]
    public void TryRead_OfAClassification_GivesTheBestClass()
    {
        var rows = new List<OutputRow>();
        Assert.True(TryRead(Classify, [0.2f, 0.7f, 0.1f], rows));
        Assert.Equal([new OutputRow(1, 0.7f, 0, 0, 0, 0)], rows);
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(2, float.NaN)]
    [InlineData(4, float.NaN)]
    [InlineData(5, float.NaN)]
    [InlineData(4, float.PositiveInfinity)]
    [InlineData(3, float.NegativeInfinity)]
    public void TryRead_OfADetectionThatIsNoNumber_GivesNone(int field, float value)
    {
        float[] row = [0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 1, 0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 1];
        row[6 + field] = value;
        Assert.False(TryRead(Detect, row, []));
    }

    [Theory]
    [InlineData(false, float.NaN, false)]
    [InlineData(false, float.PositiveInfinity, false)]
    [InlineData(false, float.NegativeInfinity, false)]
    [InlineData(true, float.NaN, false)]
    [InlineData(true, float.PositiveInfinity, false)]
    [InlineData(true, float.NegativeInfinity, true)]
    public void TryRead_OfAClassThatIsNoNumber_GivesNone(bool logits, float value, bool isNumber)
    {
        foreach (var at in new[] { 0, 1, 2 })
        {
            float[] row = [0.5f, 0.5f, 0.5f];
            row[at] = value;
            Assert.Equal(isNumber, TryRead(Classify with { Scores = logits ? ScoreForm.Logits : ScoreForm.Probabilities }, row, []));
        }
    }

    [Fact]
    public void TryRead_OfLogitsThatAreAllImpossible_GivesNone() =>
        Assert.False(TryRead(Classify with { Scores = ScoreForm.Logits }, [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], []));

    [Fact]
    public void TryRead_OfLogits_GivesTheShareOfTheBest()
    {
        var rows = new List<OutputRow>();
        Assert.True(TryRead(Classify with { Scores = ScoreForm.Logits }, [1000f, 1000f, -5f], rows));
        Assert.Equal([new OutputRow(0, 0.5f, 0, 0, 0, 0)], rows);
        Assert.True(TryRead(Classify with { Scores = ScoreForm.Logits }, [-3f, -1f, float.NegativeInfinity], rows));
        Assert.Equal(1 / (1 + Math.Exp(-2)), Assert.Single(rows).Score, 6);
    }

    [Fact]
    public void TryRead_OfSeveralLabels_GivesAllThatHoldTheBestFirst()
    {
        var several = Classify with { Scores = ScoreForm.Sigmoid, MinScore = null };
        var rows = new List<OutputRow>();

        Assert.True(TryRead(several, [0.1f, -0.1f, 2f], rows));
        Assert.Equal([2, 0], rows.Select(r => r.Label));
        Assert.Equal([1 / (1 + Math.Exp(-2)), 1 / (1 + Math.Exp(-0.1))], rows.Select(r => (double)r.Score), (a, b) => Math.Abs(a - b) < 1e-6);

        Assert.True(TryRead(several with { MinScore = 0.8, TopK = 1 }, [2f, 3f, 2f], rows));
        Assert.Equal(1, Assert.Single(rows).Label);
        Assert.True(TryRead(several, [-1f, float.NegativeInfinity, -200f], rows));
        Assert.Empty(rows);
        Assert.False(TryRead(several, [1f, float.NaN, 1f], rows));
    }

    [Fact]
    public void TryRead_OfTheBestK_GivesThemInOrderOfEqualOnesTheEarlier()
    {
        var rows = new List<OutputRow>();
        Assert.True(TryRead(Classify with { TopK = 2 }, [0.2f, 0.4f, 0.4f], rows));
        Assert.Equal([new OutputRow(1, 0.4f, 0, 0, 0, 0), new OutputRow(2, 0.4f, 0, 0, 0, 0)], rows);
        Assert.True(TryRead(Classify with { TopK = 2, MinScore = 0.3 }, [0.7f, 0.2f, 0.1f], rows));
        Assert.Equal([0], rows.Select(r => r.Label));
        Assert.True(TryRead(Classify with { MinScore = 0.8 }, [0.7f, 0.2f, 0.1f], rows));
        Assert.Empty(rows);
    }

    [Fact]
    public void TryRead_OfEveryProbability_SumsToOne()
    {
        var rows = new List<OutputRow>();
        Assert.True(TryRead(Classify with { Scores = ScoreForm.Logits, TopK = 3 }, [1f, 3f, 2f], rows));
        Assert.Equal([1, 2, 0], rows.Select(r => r.Label));
        Assert.Equal(1, rows.Sum(r => r.Score), 1e-6f);
        Assert.Equal(Math.E, rows[0].Score / rows[1].Score, 1e-5);
    }

    [Fact]
    public void TryRead_AtSteadyState_DoesNotAllocate()
    {
        var row = Enumerable.Range(0, 60).Select(i => (i % 6) switch { 0 or 1 => 0.1f, 2 or 3 => 0.5f, 4 => 0.8f, _ => 1f }).ToArray();
        var rows = new List<OutputRow>();
        var (outputs, values) = (Of(Detect), new Heads.Row(row));
        outputs.TryRead(values, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        outputs.TryRead(values, rows);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10, rows.Count);
    }

    [Fact]
    public void Check_OfAnOutputOfTheWrongShape_SaysWhatIsExpected()
    {
        var classes = Heads.Output("y", "N", 3);
        Assert.Null(Heads.Fault(Heads.Fit(Classify, classes)));
        Assert.Null(Heads.Fault(Heads.Fit(Classify, classes with { Type = TinyOnnx.Half })));
        Assert.Null(Heads.Fault(Heads.Fit(Classify, Heads.Output("y", "N", 3, 1, 1))));
        Assert.Null(Heads.Fault(Heads.Fit(Classify with { Labels = [] }, Heads.Output("y", "N", 1000))));
        Assert.Contains("one value per class", Heads.Fault(Heads.Fit(Classify with { Labels = [] }, Heads.Output("y", "N", 3, 2))), StringComparison.Ordinal);
        Assert.Contains("[N, K, 6]", Heads.Fault(Heads.Fit(Detect, classes)), StringComparison.Ordinal);
        Assert.Contains("[N, 2]", Heads.Fault(Heads.Fit(Classify with { Labels = ["a", "b"] }, classes)), StringComparison.Ordinal);
        Assert.Equal("it has no output 'z'; it has y FP32 [-1,3]", Heads.Fault(Heads.Fit(Classify with { Tensor = "z" }, classes)));
    }

    private static StageOutputs Of(TaskOutput expected) =>
        StageOutputs.Of(Heads.Fit(expected, expected.Kind == TaskOutputKind.Detections ? Heads.Output("y", "N", "K", 6) : Heads.Output("y", "N", 3)), DecoderRegistry.Default);

    private static bool TryRead(TaskOutput expected, float[] row, List<OutputRow> rows) => Of(expected).TryRead(new Heads.Row(row), rows);
}
