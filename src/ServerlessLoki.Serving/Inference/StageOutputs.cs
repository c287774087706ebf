using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Inference;

/// <summary>A task's raw output row → detections or the best class.</summary>
public static class StageOutputs
{
    private const int DetectionFields = 6;

    /// <summary>Says what is wrong with a model's output for what a task expects; null if nothing.</summary>
    /// <param name="expected">The task's output.</param>
    /// <param name="tensor">The model's output tensor.</param>
    public static string? Check(TaskOutput expected, ModelTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Datatype != "FP32") return $"output {tensor}: must be FP32.";
        return expected.Kind switch
        {
            TaskOutputKind.Detections when tensor.Shape.Length != 3 || tensor.Shape[2] != DetectionFields =>
                $"output {tensor}: detections must be FP32 [N, K, 6].",
            TaskOutputKind.Classification when tensor.Shape.Length != 2 || tensor.Shape[1] != expected.Labels.Length =>
                $"output {tensor}: a classification must be FP32 [N, {expected.Labels.Length}], one value per label.",
            _ => null,
        };
    }

    /// <summary>Reads one row of the batch.</summary>
    /// <param name="expected">The task's output.</param>
    /// <param name="row">The row's values.</param>
    /// <param name="rows">Cleared, then filled: detections of at least the minimum score in the model's order, or the one
    /// best class; nothing for a raw tensor. Values that are not finite and labels that do not exist are left out.</param>
    public static void Decode(TaskOutput expected, ReadOnlySpan<float> row, List<OutputRow> rows)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(rows);
        rows.Clear();
        if (expected.Kind == TaskOutputKind.Detections)
            Detections(row, (float)expected.MinScore, expected.Labels.Length, rows);
        else if (expected.Kind == TaskOutputKind.Classification)
            Best(row, expected.Logits, rows);
    }

    private static void Detections(ReadOnlySpan<float> row, float minScore, int labels, List<OutputRow> rows)
    {
        for (; row.Length >= DetectionFields; row = row[DetectionFields..])
        {
            var (score, label) = (row[4], row[5]);
            if (!(score >= minScore) || !(label >= 0 && label < labels)) continue;
            var (x1, y1, x2, y2) = (Math.Clamp(row[0], 0, 1), Math.Clamp(row[1], 0, 1), Math.Clamp(row[2], 0, 1), Math.Clamp(row[3], 0, 1));
            if (!(x2 > x1 && y2 > y1)) continue;
            rows.Add(new OutputRow((int)label, Math.Min(score, 1), x1, y1, x2, y2));
        }
    }

    private static void Best(ReadOnlySpan<float> row, bool logits, List<OutputRow> rows)
    {
        var best = -1;
        for (var i = 0; i < row.Length; i++)
        {
            if (float.IsFinite(row[i]) && (best < 0 || row[i] > row[best])) best = i;
        }
        if (best >= 0) rows.Add(new OutputRow(best, logits ? Softmax(row, row[best]) : Math.Clamp(row[best], 0, 1), 0, 0, 0, 0));
    }

    /// <summary>The share of the largest value: 1 / Σ exp(v − largest).</summary>
    private static float Softmax(ReadOnlySpan<float> row, float largest)
    {
        var sum = 0.0;
        foreach (var value in row)
            sum += float.IsFinite(value) ? Math.Exp(value - largest) : 0;
        return (float)(1 / sum);
    }
}
