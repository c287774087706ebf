using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Next step of a served item: its children go to their queues, or the answer goes back to its query.</summary>
internal interface IForwarder
{
    /// <summary>Sends an item that its own variant would serve too late to a faster one. False if no deployed variant can answer in
    /// time.</summary>
    bool TryReroute(StageItem item);

    /// <summary>Sends an item that waited too long to the fastest variant, if that is at least twice as fast as the item's own.</summary>
    bool TryRerouteToFastest(StageItem item);

    /// <summary>Reports the item's output to its query and sends its children. Faults of a single query do not throw.</summary>
    void Forward(StageItem item, OutputRow[] rows, RowTensor? tensor);
}
