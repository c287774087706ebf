using System.Collections.Immutable;

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
    public DecoderBinding Bind(OutputFit fit) => YoloHead.Bind(fit, Name, "[N, 4 + classes, K]", 1, Box, static (output, classes) => new YoloReader(output, classes));
}
