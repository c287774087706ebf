using Azure.Messaging.ServiceBus;

namespace ServerlessLoki.Azure.Tests.Doubles;

/// <summary>A receiver whose calls end when the test says so. Calls for several messages at once are counted and never end: the client's own return 20 ms after
/// their first message.</summary>
internal sealed class ManualReceiver(string queue) : ServiceBusReceiver
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource<ServiceBusReceivedMessage?>> _waiting = [];
    private int _started;
    private int _batches;

    public override string EntityPath => queue;

    /// <summary>Calls under way.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Calls that were made.</summary>
    public int Started => Volatile.Read(ref _started);

    /// <summary>Calls for several messages at once.</summary>
    public int Batches => Volatile.Read(ref _batches);

    public override async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _started);
        var call = new TaskCompletionSource<ServiceBusReceivedMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting.Add(call);
        await using var cancelled = cancellationToken.Register(() =>
        {
            lock (_gate)
                _waiting.Remove(call);
            call.TrySetCanceled(cancellationToken);
        });
        // The client says null where nothing came in time, its annotation does not.
        return (await call.Task)!;
    }

    public override async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _batches);
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return [];
    }

    public void Deliver(string body) => First().SetResult(ServiceBusModelFactory.ServiceBusReceivedMessage(BinaryData.FromString(body), deliveryCount: 1));

    public void DeliverNothing() => First().SetResult(null);

    public void Fail(Exception exception) => First().SetException(exception);

    private TaskCompletionSource<ServiceBusReceivedMessage?> First()
    {
        lock (_gate)
        {
            var first = _waiting[0];
            _waiting.RemoveAt(0);
            return first;
        }
    }
}
