using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>rows</c> of <c>[N, K, 6]</c> values: x1, y1, x2, y2 (0..1), score, class. A place without a detection has a low
/// score.</summary>
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
