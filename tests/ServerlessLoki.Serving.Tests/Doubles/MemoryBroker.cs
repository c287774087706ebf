using System.Collections.Concurrent;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Remote;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>A message broker in memory: bytes in queues with peek-lock and delivery count, and inboxes for replies. Each process of a
/// test has its own <see cref="Client"/>, which can be killed.</summary>
internal sealed class MemoryBroker
{
    private const int Window = 16;
    private readonly ConcurrentDictionary<StageKey, Queue> _queues = new();
    private readonly ConcurrentDictionary<string, Func<StageReply, ValueTask>> _inboxes = new(StringComparer.Ordinal);
    private int _redelivered;
    private int _poison;

    /// <summary>Deliveries after the first.</summary>
    public int Redelivered => Volatile.Read(ref _redelivered);

    public int Poison => Volatile.Read(ref _poison);

    /// <summary>How often each reply arrives.</summary>
    public int Copies { get; set; } = 1;

    /// <summary>Called for each reply that is sent; may wait, drop (false) or throw.</summary>
    public Func<StageReply, Task<bool>> OnReply { get; set; } = _ => Task.FromResult(true);

    /// <summary>Messages that nobody has completed.</summary>
    public int Waiting => _queues.Values.Sum(q => q.Count);

    public int WaitingFor(StageKey key) => Of(key).Count;

    public Client Connect() => new(this);

    private Queue Of(StageKey key) => _queues.GetOrAdd(key, _ => new Queue());

    /// <summary>One process' connection.</summary>
    public sealed class Client(MemoryBroker broker) : IStageReplies, IStageSender
    {
        private volatile bool _killed;

        public Func<IStageItems, IStageQueues> Queues => items => new Transport(broker, this, items);

        public bool IsKilled => _killed;

        /// <summary>As kill -9 does: nothing is sent or completed any more, and what it had locked comes again.</summary>
        public void Kill()
        {
            _killed = true;
            foreach (var queue in broker._queues.Values)
                queue.Expire(this);
        }

        public async ValueTask SendAsync(string replyTo, StageReply reply, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(_killed, this);
            var body = StageReplyCodec.Write(reply);
            if (!await broker.OnReply(reply) || !broker._inboxes.TryGetValue(replyTo, out var received))
                return;
            for (var i = 0; i < broker.Copies; i++)
                _ = Task.Run(() => received(StageReplyCodec.Read(body)).AsTask(), CancellationToken.None);
        }

        public IAsyncDisposable OpenInbox(string name, Func<StageReply, ValueTask> received)
        {
            broker._inboxes[name] = received;
            return new Inbox(broker, name);
        }

        public ValueTask SendAsync(StageKey key, StageMessage message, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(_killed, this);
            broker.Of(key).Add(StageMessageCodec.Write(message));
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Inbox(MemoryBroker broker, string name) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            broker._inboxes.TryRemove(name, out _);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Transport(MemoryBroker broker, Client client, IStageItems items) : IStageQueues
    {
        public async ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken) =>
            await client.SendAsync(key, await items.MessageOfAsync(item, cancellationToken), cancellationToken);

        public IStageReceiver OpenReceiver(StageKey key, Action arrived) => new Receiver(broker, client, items, broker.Of(key), arrived);
    }

    private sealed class Entry(byte[] body)
    {
        public byte[] Body { get; } = body;

        public int Deliveries { get; set; }

        public Receiver? LockedBy { get; set; }
    }

    private sealed class Queue
    {
        private readonly List<Entry> _entries = [];
        private readonly List<Receiver> _receivers = [];

        public int Count
        {
            get
            {
                lock (_entries)
                    return _entries.Count;
            }
        }

        public void Add(byte[] body)
        {
            lock (_entries)
                _entries.Add(new Entry(body));
            Wake();
        }

        public void Open(Receiver receiver)
        {
            lock (_entries)
                _receivers.Add(receiver);
            receiver.Pump();
        }

        public void Close(Receiver receiver)
        {
            lock (_entries)
            {
                _receivers.Remove(receiver);
                foreach (var entry in _entries.Where(e => e.LockedBy == receiver))
                    entry.LockedBy = null;
            }

            Wake();
        }

        public void Expire(Client client)
        {
            Receiver[] dead;
            lock (_entries)
                dead = [.. _receivers.Where(r => r.Client == client)];
            foreach (var receiver in dead)
                Close(receiver);
        }

        public List<Entry> Lock(Receiver receiver, int max)
        {
            lock (_entries)
            {
                if (!_receivers.Contains(receiver))
                    return [];
                var taken = _entries.Where(e => e.LockedBy is null).Take(max).ToList();
                foreach (var entry in taken)
                {
                    entry.LockedBy = receiver;
                    entry.Deliveries++;
                }

                return taken;
            }
        }

        /// <summary>False if the lock was lost.</summary>
        public bool Settle(Receiver receiver, Entry entry, bool complete)
        {
            lock (_entries)
            {
                if (entry.LockedBy != receiver)
                    return false;
                entry.LockedBy = null;
                if (complete)
                    _entries.Remove(entry);
            }

            Wake();
            return true;
        }

        private void Wake()
        {
            Receiver[] receivers;
            lock (_entries)
                receivers = [.. _receivers];
            foreach (var receiver in receivers)
                receiver.Pump();
        }
    }

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
