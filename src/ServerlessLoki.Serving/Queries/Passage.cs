namespace ServerlessLoki.Serving.Queries;

/// <summary>Where a part of a served item's weight goes on to. The parts of an item are its whole.</summary>
/// <param name="Kind">What becomes of it.</param>
/// <param name="Task">Task index that it goes to.</param>
/// <param name="Credit">The part.</param>
/// <param name="Input">What it brings, for an arrival; null otherwise.</param>
internal readonly record struct Passage(PassageKind Kind, int Task, Credit Credit, JoinInput? Input = null);

/// <summary>What becomes of a part of an item's weight.</summary>
internal enum PassageKind
{
    /// <summary>A child carries it to a queue.</summary>
    Child,

    /// <summary>It has arrived at a join and goes back to the query.</summary>
    Arrival,

    /// <summary>Kept for a join that waits for what comes of the item: the join's item will carry it.</summary>
    Kept,
}
