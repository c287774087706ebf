using System.Collections.Concurrent;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Embedded;

/// <summary>Stage queues inside one process: items pass by reference, ordered by deadline.</summary>
public sealed class InProcessStageQueues : IStageQueues
{
    private readonly ConcurrentDictionary<StageKey, InProcessStageQueue> _queues = new();

    /// <inheritdoc />
    public ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        return Queue(key).TryAdd(item) ? ValueTask.CompletedTask : throw new StageUnservedException(key);
    }

    /// <inheritdoc />
    public IStageReceiver OpenReceiver(StageKey key, Action arrived)
    {
        ArgumentNullException.ThrowIfNull(arrived);
        var queue = Queue(key);
        queue.Subscribe(arrived);
        return new Receiver(queue, arrived);
    }

    private InProcessStageQueue Queue(StageKey key) => _queues.GetOrAdd(key, static _ => new InProcessStageQueue());

    private sealed class Receiver(InProcessStageQueue queue, Action arrived) : IStageReceiver
    {
        public int Count => queue.Count;

        public long HeadOrderUs => queue.HeadOrderUs;

        public int CountAfter(long orderUs) => queue.CountAfter(orderUs);

        public bool HasParticular => queue.HasParticular;

        public void Peek(int max, ICollection<StageItem> into) => queue.Peek(max, into);

        public void Take(int max, ICollection<StageItem> into) => queue.Take(max, into);

        public ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken)
        {
            item.Attempts++;
            queue.PutBack(item);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            queue.Unsubscribe(arrived);
            return ValueTask.CompletedTask;
        }
    }
}
