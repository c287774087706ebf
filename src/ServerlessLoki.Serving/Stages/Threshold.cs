using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transform <c>threshold</c>: keeps the rows whose score is at least <c>score</c>. The parent's answer still contains all
/// rows.</summary>
public sealed class Threshold : IRowSelector
{
    /// <inheritdoc />
    public string Name => "threshold";

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [new("score", 0, 1, null)];

    /// <inheritdoc />
    public void Select(IReadOnlyList<OutputRow> rows, List<int> kept, TransformConfig config)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(config);
        // Scores are of single precision: 0.3 in a file means the same 0.3.
        var least = (float)config.Number("score", 0);
        for (var i = kept.Count - 1; i >= 0; i--)
        {
            if (rows[kept[i]].Score < least) kept.RemoveAt(i);
        }
    }
}
