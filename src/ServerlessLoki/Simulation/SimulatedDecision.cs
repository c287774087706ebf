namespace ServerlessLoki.Simulation;

/// <summary>Decision of the simulated host, for comparison with a real host.</summary>
/// <param name="AtUs">Time of the decision, microseconds.</param>
/// <param name="Kind">Kind of decision.</param>
/// <param name="Query">Number of the query's arrival, from 0.</param>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Task">Task index; 0 at the ingress.</param>
/// <param name="Variant">Variant index; −1 when refused.</param>
/// <param name="Key">Key of the item, see <see cref="Traffic.ItemKeys"/>.</param>
/// <param name="Rows">Rows of the batch, for a row that runs.</param>
internal readonly record struct SimulatedDecision(
    long AtUs, DecisionKind Kind, long Query, int Pipeline, int Task, int Variant, ulong Key, int Rows = 0);

/// <summary>Kind of a simulated decision.</summary>
internal enum DecisionKind
{
    /// <summary>The query was admitted.</summary>
    Admitted,

    /// <summary>The query was refused, because the waiting work would make it late.</summary>
    RefusedAsLate,

    /// <summary>The query was refused, because its pipeline gives way to others.</summary>
    RefusedForOthers,

    /// <summary>The query was refused for another reason.</summary>
    Refused,

    /// <summary>An item was sent to a queue.</summary>
    Sent,

    /// <summary>An item runs in a batch; those of one batch follow each other.</summary>
    Ran,

    /// <summary>An item left its queue and does not run.</summary>
    Dropped,
}
