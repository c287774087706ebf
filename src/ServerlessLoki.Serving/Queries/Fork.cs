namespace ServerlessLoki.Serving.Queries;

/// <summary>An item whose branches meet again in joins. What comes of it refers to it, and by it to such items further out.</summary>
/// <param name="Task">Task index of the item.</param>
/// <param name="Credit">Its share of the query's weight: what has arrived at a join or can no longer lead there sums to it.</param>
/// <param name="Outer">The next one outwards; null = none.</param>
public sealed record Fork(int Task, Credit Credit, Fork? Outer)
{
    /// <summary>The item's key, see <see cref="StageItem.Key"/>.</summary>
    public ulong Key { get; init; }
}
