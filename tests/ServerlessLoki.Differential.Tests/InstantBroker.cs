using ServerlessLoki.Embedded;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Differential.Tests;

/// <summary>Carries messages and replies between engines as bytes, on the thread that sends: what is sent has arrived.</summary>
/// <param name="sent">Called for each item that is sent.</param>
internal sealed class InstantBroker(Action<StageItem> sent) : IStageReplies
{
    private readonly InProcessStageQueues _queues = new();
    private readonly Dictionary<StageKey, IStageItems> _receivers = [];
    private readonly Dictionary<string, Func<StageReply, ValueTask>> _inboxes = [];
    private readonly Dictionary<string, string> _queries = [];

    public IStageQueues Queues(IStageItems items) => new Connection(this, items);

    /// <summary>The caller's id of a query by the id that its messages carry.</summary>
    public string QueryOf(string messageQuery) => _queries[messageQuery];

    public ValueTask SendAsync(string replyTo, StageReply reply, CancellationToken cancellationToken) =>
        _inboxes[replyTo](StageReplyCodec.Read(StageReplyCodec.Write(reply)));

    public IAsyncDisposable OpenInbox(string name, Func<StageReply, ValueTask> received)
    {
        _inboxes.Add(name, received);
        return new Inbox();
    }

    private sealed class Inbox : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Connection(InstantBroker broker, IStageItems items) : IStageQueues
    {
        public async ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
        {
            var message = await items.MessageOfAsync(item, cancellationToken);
            if (item.Scope is PendingQuery query)
                broker._queries[message.QueryId] = query.Id;
            broker.NoteSent(item);
            var arrived = await broker._receivers[key].ItemOfAsync(StageMessageCodec.Read(StageMessageCodec.Write(message)), 0, cancellationToken);
            await broker._queues.SendAsync(key, arrived, cancellationToken);
        }

        public IStageReceiver OpenReceiver(StageKey key, Action arrived)
        {
            broker._receivers.Add(key, items);
            return broker._queues.OpenReceiver(key, arrived);
        }
    }

    private void NoteSent(StageItem item) => sent(item);
}
