using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Forwarder of a worker: like the dispatcher's, but answers of durable runs are only returned, and the orchestrator sends their
/// children.</summary>
internal sealed class WorkerForwarder(Dispatcher dispatcher) : IForwarder
{
    public bool TryReroute(StageItem item) => dispatcher.TryReroute(item);

    public bool TryRerouteToFastest(StageItem item) => dispatcher.TryRerouteToFastest(item);

    public void Forward(StageItem item, OutputRow[] rows, RowTensor? tensor)
    {
        if (item.Scope is WorkerQuery { Message.ReturnOnly: true } query)
            query.Report(item, rows, tensor, 0);
        else
            dispatcher.Forward(item, rows, tensor);
    }
}
