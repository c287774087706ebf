using System.Numerics;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Reads <c>[4 + classes + more, K]</c>: four rows of K box numbers, one row of K scores for each class, then what others read. A place is
/// of its best class.</summary>
internal class YoloReader(int output, int classes, int more = 0) : IDetectionReader
{
    // As many places as stay in the nearest cache while all classes pass by.
    private const int Block = 512;

    public bool TryRead(IOutputValues outputs, DetectionList found)
    {
        var values = outputs.Of(output);
        var places = Places(values);
        Span<float> best = stackalloc float[Block];
        Span<float> labels = stackalloc float[Block];
        for (var start = 0; start < places; start += Block)
        {
            var count = Math.Min(Block, places - start);
            best.Fill(float.NegativeInfinity);
            labels.Clear();
            for (var label = 0; label < classes; label++)
            {
                if (!TryRaise(values.Slice(((YoloDecoder.Box + label) * places) + start, count), label, best[..count], labels[..count]))
                    return false;
            }

            for (var i = 0; i < count; i++)
            {
                var at = start + i;
                if (best[i] >= found.MinScore
                    && !TryAdd(found, best[i], labels[i], [values[at], values[places + at], values[(2 * places) + at], values[(3 * places) + at]], at, values))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Adds a place.</summary>
    /// <returns>False when a value is no number.</returns>
    protected virtual bool TryAdd(DetectionList found, float score, float label, ReadOnlySpan<float> box, int place, ReadOnlySpan<float> values) =>
        found.TryAdd(score, label, box[0], box[1], box[2], box[3], place);

    /// <summary>What stands behind the scores.</summary>
    protected float More(ReadOnlySpan<float> values, int row, int place) => values[((YoloDecoder.Box + classes + row) * Places(values)) + place];

    private int Places(ReadOnlySpan<float> values) => values.Length / (YoloDecoder.Box + classes + more);

    /// <summary>Takes over what is better in one class. False where a score is no number.</summary>
    private static bool TryRaise(ReadOnlySpan<float> scores, int label, Span<float> best, Span<float> labels)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var wideBest = MemoryMarshal.Cast<float, Vector<float>>(best);
        var wideLabels = MemoryMarshal.Cast<float, Vector<float>>(labels);
        var (infinite, mine) = (new Vector<float>(float.PositiveInfinity), new Vector<float>(label));
        for (var i = 0; i < wide.Length; i++)
        {
            if (!Vector.LessThanAll(wide[i], infinite))
                return false;
            var isBetter = Vector.GreaterThan(wide[i], wideBest[i]);
            wideBest[i] = Vector.ConditionalSelect(isBetter, wide[i], wideBest[i]);
            wideLabels[i] = Vector.ConditionalSelect(isBetter, mine, wideLabels[i]);
        }

        for (var i = wide.Length * Vector<float>.Count; i < scores.Length; i++)
        {
            if (!(scores[i] < float.PositiveInfinity))
                return false;
            if (scores[i] > best[i])
                (best[i], labels[i]) = (scores[i], label);
        }

        return true;
    }
}
