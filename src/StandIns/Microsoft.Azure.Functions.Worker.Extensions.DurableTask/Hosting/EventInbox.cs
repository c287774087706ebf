namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>External events of one orchestration: kept until awaited, the latest waiter gets the first that comes, as in the package since 1.18.</summary>
internal sealed class EventInbox
{
    private readonly Dictionary<string, Queue<string?>> _kept = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, LinkedList<Action<string?>>> _waiters = new(StringComparer.OrdinalIgnoreCase);

    public bool HasWaiters => _waiters.Values.Any(w => w.Count > 0);

    public Task<T> WaitAsync<T>(string name, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(name, out var kept) && kept.TryDequeue(out var payload))
            return Task.FromResult(JsonConverterOfWorker.Instance.Deserialize<T>(payload)!);
        if (!_waiters.TryGetValue(name, out var waiters))
            _waiters[name] = waiters = [];
        var done = new TaskCompletionSource<T>();
        var waiter = waiters.AddFirst(data => done.TrySetResult(JsonConverterOfWorker.Instance.Deserialize<T>(data)!));
        cancellationToken.Register(() =>
        {
            if (waiter.List is not null)
                waiters.Remove(waiter);
            done.TrySetCanceled(cancellationToken);
        });
        return done.Task;
    }

    public void Deliver(HistoryEvent e)
    {
        if (_waiters.TryGetValue(e.Name!, out var waiters) && waiters.First is { } first)
        {
            waiters.RemoveFirst();
            first.Value(e.Data);
            return;
        }

        if (!_kept.TryGetValue(e.Name!, out var kept))
            _kept[e.Name!] = kept = new Queue<string?>();
        kept.Enqueue(e.Data);
    }
}
