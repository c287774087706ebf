using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>yolo</c>: the heads of YOLOv8, v9 and v11, <c>[N, 4 + classes, K]</c>: four rows of K box numbers, then one row of K scores
/// for each class. A place is of its best class.</summary>
internal sealed class YoloDecoder : IOutputDecoder
{
    /// <summary>Numbers of a place before its scores.</summary>
    internal const int Box = 4;

    /// <inheritdoc />
    public string Name => "yolo";

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit) => YoloHead.Bind(fit, Name, "[N, 4 + classes, K]", 1, Box, static (output, classes) => new YoloReader(output, classes));
}
