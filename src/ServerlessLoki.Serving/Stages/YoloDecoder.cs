using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>yolo</c> of the heads of YOLOv8, v9 and v11, <c>[N, 4 + classes, K]</c>: four rows of K box numbers, then one row of
/// K scores for each class. Each place takes its best class.</summary>
internal sealed class YoloDecoder : IOutputDecoder
{
    /// <summary>Number of box values of a place, which come before its scores.</summary>
    internal const int Box = 4;

    /// <inheritdoc />
    public string Name => "yolo";

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit) => YoloHead.Bind(fit, Name, "[N, 4 + classes, K]", 1, Box, static (output, classes) => new Reader(output, classes));

    private sealed class Reader(int output, int classes) : IDetectionReader
    {
        // As many places as stay in the nearest cache while all classes pass by.
        private const int Block = 512;

        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var values = outputs.Of(output);
            var places = values.Length / (Box + classes);
            Span<float> best = stackalloc float[Block];
            Span<float> labels = stackalloc float[Block];
            for (var start = 0; start < places; start += Block)
            {
                var count = Math.Min(Block, places - start);
                best.Fill(float.NegativeInfinity);
                labels.Clear();
                for (var label = 0; label < classes; label++)
                {
                    if (!TryRaise(values.Slice(((Box + label) * places) + start, count), label, best[..count], labels[..count]))
                        return false;
                }

                for (var i = 0; i < count; i++)
                {
                    var at = start + i;
                    if (best[i] >= found.MinScore
                        && !found.TryAdd(best[i], labels[i], values[at], values[places + at], values[(2 * places) + at], values[(3 * places) + at]))
                        return false;
                }
            }

            return true;
        }

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
}
