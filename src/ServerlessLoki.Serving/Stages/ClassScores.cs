using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder of a classifier's values to the best classes.</summary>
internal sealed class ClassScores(TaskOutput expected)
{
    /// <summary>Default least score with several labels: a label counts where it is as likely as not.</summary>
    private const double SigmoidMinScore = 0.5;

    private readonly ScoreForm _form = expected.Scores;
    private readonly int _most = expected.TopK ?? (expected.Scores == ScoreForm.Sigmoid ? int.MaxValue : 1);
    private readonly float _minScore = (float)(expected.MinScore ?? (expected.Scores == ScoreForm.Sigmoid ? SigmoidMinScore : 0));

    /// <summary>Finds the best classes.</summary>
    /// <param name="row">Values of the row, one per class.</param>
    /// <param name="rows">Receives the classes, the best first, of equal ones the earlier.</param>
    /// <returns>False when a value is NaN or plus infinity, or minus infinity among probabilities. Minus infinity is valid among logits,
    /// where it means "impossible".</returns>
    public bool TryRead(ReadOnlySpan<float> row, List<OutputRow> rows)
    {
        foreach (var value in row)
        {
            if (!(value < float.PositiveInfinity) || (_form == ScoreForm.Probabilities && value == float.NegativeInfinity)) return false;
        }

        if (row.IsEmpty) return false;
        var largest = TensorPrimitives.Max(row);
        if (largest == float.NegativeInfinity && _form == ScoreForm.Logits) return false;
        var share = _form == ScoreForm.Logits ? 1 / Sum(row, largest) : 0;
        for (var i = 0; i < row.Length; i++)
        {
            // Most classes are done here: only the score of one that may stay is worth an exponential.
            if (rows.Count == _most && row[i] <= row[rows[^1].Label]) continue;
            var score = Score(row[i], largest, share);
            if (score >= _minScore) Insert(new OutputRow(i, score, 0, 0, 0, 0), row, rows);
        }

        return true;
    }

    /// <summary>The probabilities of all classes, in the model's order.</summary>
    /// <param name="row">Values that <see cref="TryRead"/> has read.</param>
    public RowTensor All(ReadOnlySpan<float> row)
    {
        var scores = new float[row.Length];
        var largest = TensorPrimitives.Max(row);
        var share = _form == ScoreForm.Logits ? 1 / Sum(row, largest) : 0;
        for (var i = 0; i < scores.Length; i++)
            scores[i] = Score(row[i], largest, share);
        return new RowTensor([new TensorPart("probabilities", "FP32", [scores.Length], MemoryMarshal.AsBytes<float>(scores).ToArray())]);
    }

    private float Score(float value, float largest, double share) => _form switch
    {
        ScoreForm.Logits => (float)(Math.Exp(value - largest) * share),
        ScoreForm.Sigmoid => 1 / (1 + MathF.Exp(-value)),
        _ => Math.Clamp(value, 0, 1),
    };

    /// <summary>Puts a class behind all whose values are as large: two scores may be equal only by rounding.</summary>
    private void Insert(OutputRow found, ReadOnlySpan<float> row, List<OutputRow> rows)
    {
        if (rows.Count == _most) rows.RemoveAt(_most - 1);
        var (from, to) = (0, rows.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (row[rows[middle].Label] >= row[found.Label]) from = middle + 1;
            else to = middle;
        }

        rows.Insert(from, found);
    }

    private static double Sum(ReadOnlySpan<float> row, float largest)
    {
        var sum = 0.0;
        foreach (var value in row)
            sum += Math.Exp(value - largest);
        return sum;
    }
}
