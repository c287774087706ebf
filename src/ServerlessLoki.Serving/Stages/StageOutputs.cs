using System.Numerics;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

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
    /// best class; nothing for a raw tensor. Labels that do not exist are left out.</param>
    /// <returns>False when a value that the answer rests on is no number: NaN or infinite. Minus infinity is one where it means
    /// "impossible": among logits and in a raw tensor.</returns>
    public static bool TryDecode(TaskOutput expected, ReadOnlySpan<float> row, List<OutputRow> rows)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(rows);
        rows.Clear();
        return expected.Kind switch
        {
            TaskOutputKind.Detections => TryDetections(row, (float)expected.MinScore, expected.Labels.Length, rows),
            TaskOutputKind.Classification => TryBest(row, expected.Logits, rows),
            _ => AreNumbers(row),
        };
    }

    /// <summary>A place that holds no detection has a low score; what else is in it says nothing.</summary>
    private static bool TryDetections(ReadOnlySpan<float> row, float minScore, int labels, List<OutputRow> rows)
    {
        for (; row.Length >= DetectionFields; row = row[DetectionFields..])
        {
            var (score, label) = (row[4], row[5]);
            if (score < minScore) continue;
            if (!float.IsFinite(score + row[0] + row[1] + row[2] + row[3] + label)) return false;
            if (!(label >= 0 && label < labels)) continue;
            var (x1, y1, x2, y2) = (Math.Clamp(row[0], 0, 1), Math.Clamp(row[1], 0, 1), Math.Clamp(row[2], 0, 1), Math.Clamp(row[3], 0, 1));
            if (!(x2 > x1 && y2 > y1)) continue;
            rows.Add(new OutputRow((int)label, Math.Min(score, 1), x1, y1, x2, y2));
        }

        return true;
    }

    private static bool TryBest(ReadOnlySpan<float> row, bool logits, List<OutputRow> rows)
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

    private static bool AreNumbers(ReadOnlySpan<float> row)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(row);
        foreach (var values in wide)
        {
            if (!Vector.LessThanAll(values, new Vector<float>(float.PositiveInfinity))) return false;
        }

        foreach (var value in row[(wide.Length * Vector<float>.Count)..])
        {
            if (!(value < float.PositiveInfinity)) return false;
        }

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
