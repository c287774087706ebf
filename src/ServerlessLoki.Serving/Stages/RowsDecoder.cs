using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>rows</c>: <c>[N, K, 6]</c> of x1, y1, x2, y2 (0..1), score, class. A place that holds no detection has a low score.</summary>
internal sealed class RowsDecoder : IOutputDecoder
{
    /// <inheritdoc />
    public string Name => "rows";

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return SixValues.Bind(fit, DetectionDefaults.Finished);
    }
}
