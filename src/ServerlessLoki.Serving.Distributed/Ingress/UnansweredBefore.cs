using ServerlessLoki.Planning;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>What an ingress sent and nobody has answered yet stands before a new query, whenever it is due.</summary>
internal sealed class UnansweredBefore(UnansweredWork unanswered, QueryCosts costs) : IWaitingWork
{
    public double BeforeUs(long orderUs) => unanswered.Us(costs);

    public double BeforeUs(long orderUs, int pipeline) => unanswered.OwnUs(costs, pipeline);
}
