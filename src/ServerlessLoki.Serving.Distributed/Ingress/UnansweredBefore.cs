using ServerlessLoki.Planning;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Waiting work of an ingress: all queries that it sent and that have no answer yet, whatever their deadline.</summary>
internal sealed class UnansweredBefore(UnansweredWork unanswered, QueryCosts costs) : IWaitingWork
{
    public double BeforeUs(long orderUs) => unanswered.Us(costs);

    public double BeforeUs(long orderUs, int pipeline) => unanswered.OwnUs(costs, pipeline);
}
