using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>What the dispatcher routes by: a snapshot that changes with the plan.</summary>
/// <param name="Table">Routes of the plan in force.</param>
/// <param name="BacklogUs">Compute time waiting before a new arrival of the given order (<see cref="QueryScope.OrderUs"/>), microseconds.</param>
/// <param name="RootCostUs">Mean compute time of one query of each pipeline over all its stages under the plan, per thread, microseconds.</param>
internal sealed record RoutingState(RoutingTable Table, Func<long, double> BacklogUs, double[] RootCostUs)
{
    /// <summary>What of the waiting work is one pipeline's, microseconds; by pipeline and order.</summary>
    public required Func<int, long, double> OwnBacklogUs { get; init; }

    /// <summary>Why a pipeline's queries that have a deadline are refused for now; null = they are not.</summary>
    public Func<int, string?> Refusal { get; init; } = static _ => null;
}
