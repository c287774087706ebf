using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>A classifier's values → its best class.</summary>
internal static class ClassScores
{
    /// <summary>Finds the best class.</summary>
    /// <param name="row">One value per class.</param>
    /// <param name="logits">True where the values go through a softmax.</param>
    /// <param name="rows">The class is added here.</param>
    /// <returns>False when a value is no number; minus infinity is one among logits, where it means "impossible".</returns>
    public static bool TryBest(ReadOnlySpan<float> row, bool logits, List<OutputRow> rows)
    {
        var best = 0;
        for (var i = 0; i < row.Length; i++)
        {
            if (!(row[i] < float.PositiveInfinity) || (!logits && row[i] == float.NegativeInfinity)) return false;
            if (row[i] > row[best]) best = i;
        }

        if (row.IsEmpty || row[best] == float.NegativeInfinity) return false;
        rows.Add(new OutputRow(best, logits ? Softmax(row, row[best]) : Math.Clamp(row[best], 0, 1), 0, 0, 0, 0));
        return true;
    }

    /// <summary>The share of the largest value: 1 / Σ exp(v − largest).</summary>
    private static float Softmax(ReadOnlySpan<float> row, float largest)
    {
        var sum = 0.0;
        foreach (var value in row)
            sum += Math.Exp(value - largest);
        return (float)(1 / sum);
    }
}
