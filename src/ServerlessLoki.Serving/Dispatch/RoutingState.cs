using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Immutable snapshot that the dispatcher routes by; replaced with each plan.</summary>
/// <param name="Table">Routes of the plan in force.</param>
/// <param name="Waiting">Work that waits before a new arrival.</param>
/// <param name="RootCostUs">Mean compute time of one query of each pipeline over all its stages under the plan, per thread, microseconds.</param>
internal sealed record RoutingState(RoutingTable Table, IWaitingWork Waiting, double[] RootCostUs)
{
    /// <summary>Reason why a pipeline's queries with a deadline are refused for now; null = they are not.</summary>
    public Func<int, string?> Refusal { get; init; } = static _ => null;
}
