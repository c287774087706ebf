using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>What an ingress sent and nobody has answered yet stands before a new query, whenever it is due: queues between processes are
/// first in, first out. A worker's other work is in its queues' times.</summary>
internal sealed class UnansweredWork(IngressQueues queues, QueryCosts costs) : IWaitingWork
{
    public double BeforeUs(long orderUs)
    {
        var us = 0.0;
        for (var p = 0; p < costs.PerQueryUs.Length; p++)
            us += BeforeUs(orderUs, p);
        return us;
    }

    public double BeforeUs(long orderUs, int pipeline) => queues.Unanswered(pipeline) * costs.PerQueryUs[pipeline];
}
