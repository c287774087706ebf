namespace ServerlessLoki.Simulation;

/// <summary>One decision of the simulated host, for comparison with what a real one decides.</summary>
/// <param name="AtUs">When.</param>
/// <param name="Kind">What was decided.</param>
/// <param name="Query">Number of the query's arrival, from 0.</param>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Task">Task index; 0 at the ingress.</param>
/// <param name="Variant">Variant index; −1 when refused.</param>
/// <param name="Key">Names the item, see <see cref="Traffic.ItemKeys"/>.</param>
/// <param name="Rows">Of a row that runs: how many run with it.</param>
internal readonly record struct SimulatedDecision(
    long AtUs, DecisionKind Kind, long Query, int Pipeline, int Task, int Variant, ulong Key, int Rows = 0);

/// <summary>What was decided.</summary>
internal enum DecisionKind
{
    /// <summary>The query was taken in.</summary>
    Admitted,

    /// <summary>It was refused, because the waiting work would make it late.</summary>
    RefusedAsLate,

    /// <summary>It was refused, because its pipeline gives way to others.</summary>
    RefusedForOthers,

    /// <summary>It was refused for another cause.</summary>
    Refused,

    /// <summary>An item went to a queue.</summary>
    Sent,

    /// <summary>An item runs in a batch; those of one batch follow each other.</summary>
    Ran,

    /// <summary>An item left its queue and does not run.</summary>
    Dropped,
}
