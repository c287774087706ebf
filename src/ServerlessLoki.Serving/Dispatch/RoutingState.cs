using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>What the dispatcher routes by: a snapshot that changes with the plan.</summary>
/// <param name="Table">Routes of the plan in force.</param>
/// <param name="Waiting">Work that stands before a new arrival.</param>
/// <param name="RootCostUs">Mean compute time of one query of each pipeline over all its stages under the plan, per thread, microseconds.</param>
internal sealed record RoutingState(RoutingTable Table, IWaitingWork Waiting, double[] RootCostUs)
{
    /// <summary>Why a pipeline's queries that have a deadline are refused for now; null = they are not.</summary>
    public Func<int, string?> Refusal { get; init; } = static _ => null;
}
