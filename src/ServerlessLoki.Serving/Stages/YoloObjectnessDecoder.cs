using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>yolo-objectness</c> of the heads of YOLOv5 and v7, <c>[N, K, 5 + classes]</c>: a box, the probability that it holds
/// any object, and one score for each class. Each place takes its best class; its score is the product.</summary>
internal sealed class YoloObjectnessDecoder : IOutputDecoder
{
    /// <summary>Number of values of a place before its class scores.</summary>
    internal const int Box = 5;

    /// <inheritdoc />
    public string Name => "yolo-objectness";

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit) => YoloHead.Bind(fit, Name, "[N, K, 5 + classes]", 2, Box, static (output, classes) => new Reader(output, classes));

    private sealed class Reader(int output, int classes) : IDetectionReader
    {
        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var width = Box + classes;
            for (var row = outputs.Of(output); row.Length >= width; row = row[width..])
            {
                // No class makes it likelier: most places are done here.
                if (row[4] < found.MinScore)
                    continue;
                var scores = row[Box..width];
                // Where one is no number, it is the index of that.
                var best = TensorPrimitives.IndexOfMax(scores);
                if (!found.TryAdd(row[4] * scores[best], best, row[0], row[1], row[2], row[3]))
                    return false;
            }

            return true;
        }
    }
}
