using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Ports;

/// <summary>View of one stage queue, ordered by deadline, earliest first. Thread-safe.</summary>
/// <remarks>The caller must complete or abandon each item that it takes. Disposing leaves items that were not taken in the queue.</remarks>
public interface IStageReceiver : IAsyncDisposable
{
    /// <summary>Items that can be taken without waiting.</summary>
    int Count { get; }

    /// <summary>Order key of the most urgent item (<see cref="QueryScope.OrderUs"/>); <see cref="long.MaxValue"/> when empty.</summary>
    long HeadOrderUs { get; }

    /// <summary>Counts the items whose order key is later, which do not delay a query of that order. 0 where that is not known, or where
    /// the queue is first in, first out.</summary>
    /// <param name="orderUs">Order key of the query, see <see cref="QueryScope.OrderUs"/>.</param>
    int CountAfter(long orderUs) => 0;

    /// <summary>True while an item waits for which it matters what runs (<see cref="QueryScope.IsParticular"/>). Slots that hold several variants then
    /// <see cref="Peek"/> before they choose. False where that is not known: they then choose the variant after taking.</summary>
    bool HasParticular => false;

    /// <summary>Shows the most urgent items without taking them, earliest deadline first. Shows none where that is not known.</summary>
    /// <param name="max">Most items to show.</param>
    /// <param name="into">Receives the items.</param>
    void Peek(int max, ICollection<StageItem> into)
    {
    }

    /// <summary>Tells how many items the next batches take at most: a queue outside the process prefetches no more than that, and other
    /// processes may take the rest. In process it has no effect.</summary>
    void Expect(int rows)
    {
    }

    /// <summary>Takes the most urgent items, earliest deadline first.</summary>
    /// <param name="max">Most items to take.</param>
    /// <param name="into">Receives the items.</param>
    void Take(int max, ICollection<StageItem> into);

    /// <summary>Completes an item whose outputs were forwarded; it is not delivered again.</summary>
    ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken);

    /// <summary>Returns an item that was not served; it becomes visible again with <see cref="StageItem.Attempts"/> raised by
    /// one.</summary>
    ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken);
}
