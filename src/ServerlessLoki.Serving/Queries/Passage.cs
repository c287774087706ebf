namespace ServerlessLoki.Serving.Queries;

/// <summary>Part of a served item's weight and its destination. The parts of an item sum to its whole weight.</summary>
/// <param name="Kind">Kind of the part.</param>
/// <param name="Task">Task index of the destination.</param>
/// <param name="Credit">Weight of the part.</param>
/// <param name="Input">Input of a join, for an arrival; null otherwise.</param>
internal readonly record struct Passage(PassageKind Kind, int Task, Credit Credit, JoinInput? Input = null);

/// <summary>Kind of a part of an item's weight.</summary>
internal enum PassageKind
{
    /// <summary>A child carries the part to a queue.</summary>
    Child,

    /// <summary>The part has arrived at a join and goes back to the query.</summary>
    Arrival,

    /// <summary>The part is kept for a join that waits for the item's descendants; the join's item will carry it.</summary>
    Kept,
}
