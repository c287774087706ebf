using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Ports;

/// <summary>A window on one stage queue, ordered by deadline, earliest first. Thread-safe.</summary>
/// <remarks>The caller must complete or abandon each item that it takes. Disposing leaves items that were not taken in the queue.</remarks>
public interface IStageReceiver : IAsyncDisposable
{
    /// <summary>Items that can be taken without waiting.</summary>
    int Count { get; }

    /// <summary>Order key of the most urgent item (<see cref="QueryScope.OrderUs"/>); <see cref="long.MaxValue"/> when empty.</summary>
    long HeadOrderUs { get; }

    /// <summary>Items whose order is later: they do not stand before a query of that order. 0 where that is not known, or where the queue is
    /// first in, first out.</summary>
    /// <param name="orderUs">As <see cref="QueryScope.OrderUs"/>.</param>
    int CountAfter(long orderUs) => 0;

    /// <summary>Says how many items the next batches take at most: a queue outside the process keeps no more than that at hand, and
    /// others may take the rest. In process there is nothing to do.</summary>
    void Expect(int rows)
    {
    }

    /// <summary>Takes the most urgent items, earliest deadline first.</summary>
    /// <param name="max">At most this many.</param>
    /// <param name="into">They are added here.</param>
    void Take(int max, ICollection<StageItem> into);

    /// <summary>The item's outputs were forwarded; it must not come again.</summary>
    ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken);

    /// <summary>The item was not served; it becomes visible again with <see cref="StageItem.Attempts"/> raised by one.</summary>
    ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken);
}
