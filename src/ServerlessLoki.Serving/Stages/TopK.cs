using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transform <c>top-k</c>: keeps the <c>k</c> rows with the highest score; of equal scores the earlier row.</summary>
internal sealed class TopK : IRowSelector
{
    /// <inheritdoc />
    public string Name => "top-k";

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [new("k", 1, 1000, null, Whole: true)];

    /// <inheritdoc />
    public void Select(IReadOnlyList<OutputRow> rows, List<int> kept, TransformConfig config)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(config);
        // A handful of rows: dropping the worst, again and again, needs no memory and keeps the order.
        for (var k = (int)config.Number("k", 1); kept.Count > k;)
        {
            var worst = 0;
            for (var i = 1; i < kept.Count; i++)
            {
                if (rows[kept[i]].Score <= rows[kept[worst]].Score) worst = i;
            }
            kept.RemoveAt(worst);
        }
    }
}
