using System.Collections.Concurrent;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Tests.Doubles;

/// <content>A stage's receiver: takes messages ahead, a window of them, and gives them out by deadline.</content>
internal sealed partial class MemoryBroker
{
    private sealed class Receiver : IStageReceiver
    {
        private readonly PriorityQueue<StageItem, long> _items = new();
        private readonly ConcurrentDictionary<StageItem, Entry> _entries = new();
        private readonly MemoryBroker _broker;
        private readonly IStageItems _translate;
        private readonly Queue _queue;
        private readonly Action _arrived;
        private int _pumping;

        public Receiver(MemoryBroker broker, Client client, IStageItems translate, Queue queue, Action arrived)
        {
            (_broker, Client, _translate, _queue, _arrived) = (broker, client, translate, queue, arrived);
            queue.Open(this);
        }

        public Client Client { get; }

        public int Count
        {
            get
            {
                lock (_items)
                    return _items.Count;
            }
        }

        public long HeadOrderUs
        {
            get
            {
                lock (_items)
                    return _items.TryPeek(out _, out var order) ? order : long.MaxValue;
            }
        }

        public void Pump()
        {
            if (Interlocked.Increment(ref _pumping) == 1)
                _ = Task.Run(PumpAsync);
        }

        public void Take(int max, ICollection<StageItem> into)
        {
            lock (_items)
            {
                while (max-- > 0 && _items.TryDequeue(out var item, out _))
                    into.Add(item);
            }

            Pump();
        }

        public ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken) => Settle(item, complete: true);

        public ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken) => Settle(item, complete: false);

        public ValueTask DisposeAsync()
        {
            _queue.Close(this);
            return ValueTask.CompletedTask;
        }

        private ValueTask Settle(StageItem item, bool complete)
        {
            ObjectDisposedException.ThrowIf(Client.IsKilled, this);
            if (_entries.TryRemove(item, out var entry) && _queue.Settle(this, entry, complete))
                return ValueTask.CompletedTask;
            throw new InvalidOperationException("The lock was lost.");
        }

        private async Task PumpAsync()
        {
            do
            {
                var seen = Volatile.Read(ref _pumping);
                for (var entries = _queue.Lock(this, Window - Count); entries.Count > 0; entries = _queue.Lock(this, Window - Count))
                {
                    foreach (var entry in entries)
                        await AddAsync(entry);
                    _arrived();
                }

                if (Interlocked.CompareExchange(ref _pumping, 0, seen) == seen)
                    return;
            }
            while (true);
        }

        private async Task AddAsync(Entry entry)
        {
            if (entry.Deliveries > 1)
                Interlocked.Increment(ref _broker._redelivered);
            try
            {
                var item = await _translate.ItemOfAsync(StageMessageCodec.Read(entry.Body), entry.Deliveries - 1, CancellationToken.None);
                _entries[item] = entry;
                lock (_items)
                    _items.Enqueue(item, item.Scope.OrderUs);
            }
            catch (FormatException)
            {
                Interlocked.Increment(ref _broker._poison);
                _queue.Settle(this, entry, complete: true);
            }
        }
    }
}
