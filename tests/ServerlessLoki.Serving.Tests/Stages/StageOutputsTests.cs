using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

public sealed class StageOutputsTests
{
    private static readonly TaskOutput Detect = new(TaskOutputKind.Detections, null, ["car", "person"], 0.3);
    private static readonly TaskOutput Classify = new(TaskOutputKind.Classification, null, ["a", "b", "c"], 0);

    [Fact]
    public void TryDecode_OfDetections_KeepsThoseThatCount()
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
        Assert.True(StageOutputs.TryDecode(Detect, row, rows));
        Assert.Equal([new OutputRow(1, 0.9f, 0.1f, 0.2f, 0.5f, 0.6f), new OutputRow(0, 0.3f, 0, 0.2f, 1, 0.6f)], rows);
    }

    [Fact]
    public void TryDecode_OfAClassification_GivesTheBestClass()
    {
        var rows = new List<OutputRow>();
        Assert.True(StageOutputs.TryDecode(Classify, [0.2f, 0.7f, 0.1f], rows));
        Assert.Equal([new OutputRow(1, 0.7f, 0, 0, 0, 0)], rows);
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(2, float.NaN)]
    [InlineData(4, float.NaN)]
    [InlineData(5, float.NaN)]
    [InlineData(4, float.PositiveInfinity)]
    [InlineData(3, float.NegativeInfinity)]
    public void TryDecode_OfADetectionThatIsNoNumber_GivesNone(int field, float value)
    {
        float[] row = [0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 1, 0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 1];
        row[6 + field] = value;
        Assert.False(StageOutputs.TryDecode(Detect, row, []));
    }

    [Theory]
    [InlineData(false, float.NaN, false)]
    [InlineData(false, float.PositiveInfinity, false)]
    [InlineData(false, float.NegativeInfinity, false)]
    [InlineData(true, float.NaN, false)]
    [InlineData(true, float.PositiveInfinity, false)]
    [InlineData(true, float.NegativeInfinity, true)]
    public void TryDecode_OfAClassThatIsNoNumber_GivesNone(bool logits, float value, bool isNumber)
    {
        foreach (var at in new[] { 0, 1, 2 })
        {
            float[] row = [0.5f, 0.5f, 0.5f];
            row[at] = value;
            Assert.Equal(isNumber, StageOutputs.TryDecode(Classify with { Logits = logits }, row, []));
        }
    }

    [Fact]
    public void TryDecode_OfLogitsThatAreAllImpossible_GivesNone() =>
        Assert.False(StageOutputs.TryDecode(Classify with { Logits = true }, [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], []));

    [Theory]
    [InlineData(float.NaN, false)]
    [InlineData(float.PositiveInfinity, false)]
    [InlineData(float.NegativeInfinity, true)]
    public void TryDecode_OfATensor_LooksAtEveryValue(float value, bool isNumber)
    {
        var tensor = new TaskOutput(TaskOutputKind.Tensor, null, [], 0);
        for (var at = 0; at < 35; at++)
        {
            var row = new float[35];
            row[at] = value;
            Assert.Equal(isNumber, StageOutputs.TryDecode(tensor, row, []));
        }
    }

    [Fact]
    public void TryDecode_OfLogits_GivesTheShareOfTheBest()
    {
        var rows = new List<OutputRow>();
        Assert.True(StageOutputs.TryDecode(Classify with { Logits = true }, [1000f, 1000f, -5f], rows));
        Assert.Equal([new OutputRow(0, 0.5f, 0, 0, 0, 0)], rows);
        Assert.True(StageOutputs.TryDecode(Classify with { Logits = true }, [-3f, -1f, float.NegativeInfinity], rows));
        Assert.Equal(1 / (1 + Math.Exp(-2)), Assert.Single(rows).Score, 6);
    }

    [Fact]
    public void TryDecode_AtSteadyState_DoesNotAllocate()
    {
        var row = Enumerable.Range(0, 60).Select(i => (i % 6) switch { 0 or 1 => 0.1f, 2 or 3 => 0.5f, 4 => 0.8f, _ => 1f }).ToArray();
        var rows = new List<OutputRow>();
        StageOutputs.TryDecode(Detect, row, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        StageOutputs.TryDecode(Detect, row, rows);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10, rows.Count);
    }

    [Fact]
    public void Check_OfAnOutputOfTheWrongShape_SaysWhatIsExpected()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Classifier(8, 8, 4, 1), new ModelOptions());
        Assert.Null(StageOutputs.Check(Classify, model.Outputs[0]));
        Assert.Contains("[N, K, 6]", StageOutputs.Check(Detect, model.Outputs[0]), StringComparison.Ordinal);
        Assert.Contains("[N, 2]", StageOutputs.Check(Classify with { Labels = ["a", "b"] }, model.Outputs[0]), StringComparison.Ordinal);
    }
}
