namespace ServerlessLoki.Serving.Queries;

/// <summary>Innermost item whose branches meet again in joins. Its descendants refer to it, and it refers to the enclosing one.</summary>
/// <param name="Task">Task index of the item.</param>
/// <param name="Credit">Item's share of the query's weight. The weights that have arrived at a join, or can no longer lead there, sum to
/// it.</param>
/// <param name="Outer">Enclosing fork; null = none.</param>
public sealed record Fork(int Task, Credit Credit, Fork? Outer)
{
    /// <summary>Key of the item, see <see cref="StageItem.Key"/>.</summary>
    public ulong Key { get; init; }
}
