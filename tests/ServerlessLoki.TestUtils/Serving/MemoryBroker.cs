using System.Collections.Concurrent;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Tests.Doubles;

/// <summary>A message broker in memory: bytes in queues with peek-lock and delivery count, and inboxes for replies. Each process of a
/// test has its own <see cref="Client"/>, which can be killed.</summary>
internal sealed partial class MemoryBroker
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

    /// <summary>Called before a message is put into its queue; may wait or throw.</summary>
    public Func<StageMessage, CancellationToken, Task> OnSend { get; set; } = (_, _) => Task.CompletedTask;

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

        public async ValueTask SendAsync(StageKey key, StageMessage message, CancellationToken cancellationToken)
        {
            await broker.OnSend(message, cancellationToken);
            ObjectDisposedException.ThrowIf(_killed, this);
            broker.Of(key).Add(StageMessageCodec.Write(message));
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
}
