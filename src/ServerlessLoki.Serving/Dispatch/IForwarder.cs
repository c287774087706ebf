using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Takes a served item on: children to their queues, or the answer back to its query.</summary>
internal interface IForwarder
{
    /// <summary>Sends an item that its own variant would serve too late to a faster one. False if no deployed variant can make it.</summary>
    bool TryReroute(StageItem item);

    /// <summary>Sends an item that waited too long to the fastest variant, if one is at least twice as fast as its own.</summary>
    bool TryRerouteToFastest(StageItem item);

    /// <summary>Reports the item's output to its query and sends its children. Never throws for a single query's trouble.</summary>
    void Forward(StageItem item, OutputRow[] rows, RowTensor? tensor);
}
