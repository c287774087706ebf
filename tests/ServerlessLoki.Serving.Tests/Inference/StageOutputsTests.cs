using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Inference;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Inference;

public sealed class StageOutputsTests
{
    private static readonly TaskOutput Detect = new(TaskOutputKind.Detections, null, ["car", "person"], 0.3);
    private static readonly TaskOutput Classify = new(TaskOutputKind.Classification, null, ["a", "b", "c"], 0);

    [Fact]
    public void Decode_OfDetections_KeepsThoseThatCount()
    {
        float[] row =
        [
            0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 1,
            0.1f, 0.2f, 0.5f, 0.6f, 0.29f, 0,
            -0.5f, 0.2f, 1.5f, 0.6f, 0.3f, 0,
            0.5f, 0.2f, 0.5f, 0.6f, 0.9f, 0,
            0.1f, 0.2f, 0.5f, 0.6f, float.NaN, 0,
            float.NaN, 0.2f, 0.5f, 0.6f, 0.9f, 0,
            0.1f, 0.2f, 0.5f, 0.6f, 0.9f, 2,
            0.1f, 0.2f, 0.5f, 0.6f, 0.9f, -1,
        ];
        var rows = new List<OutputRow> { default };
        StageOutputs.Decode(Detect, row, rows);
        Assert.Equal([new OutputRow(1, 0.9f, 0.1f, 0.2f, 0.5f, 0.6f), new OutputRow(0, 0.3f, 0, 0.2f, 1, 0.6f)], rows);
    }

    [Fact]
    public void Decode_OfAClassification_GivesTheBestClass()
    {
        var rows = new List<OutputRow>();
        StageOutputs.Decode(Classify, [0.2f, 0.7f, 0.1f], rows);
        Assert.Equal([new OutputRow(1, 0.7f, 0, 0, 0, 0)], rows);
        StageOutputs.Decode(Classify, [float.NaN, float.NaN, 0.1f], rows);
        Assert.Equal(2, Assert.Single(rows).Label);
        StageOutputs.Decode(Classify, [float.NaN, float.NaN, float.NaN], rows);
        Assert.Empty(rows);
    }

    [Fact]
    public void Decode_OfLogits_GivesTheShareOfTheBest()
    {
        var rows = new List<OutputRow>();
        StageOutputs.Decode(Classify with { Logits = true }, [1000f, 1000f, -5f], rows);
        Assert.Equal([new OutputRow(0, 0.5f, 0, 0, 0, 0)], rows);
        StageOutputs.Decode(Classify with { Logits = true }, [-3f, -1f, float.NaN], rows);
        Assert.Equal(1 / (1 + Math.Exp(-2)), Assert.Single(rows).Score, 6);
    }

    [Fact]
    public void Decode_AtSteadyState_DoesNotAllocate()
    {
        var row = Enumerable.Range(0, 60).Select(i => (i % 6) switch { 0 or 1 => 0.1f, 2 or 3 => 0.5f, 4 => 0.8f, _ => 1f }).ToArray();
        var rows = new List<OutputRow>();
        StageOutputs.Decode(Detect, row, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        StageOutputs.Decode(Detect, row, rows);
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
