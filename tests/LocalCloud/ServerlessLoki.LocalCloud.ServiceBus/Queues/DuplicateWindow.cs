namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Recent message ids for duplicate detection. Guarded by the queue.</summary>
internal sealed class DuplicateWindow
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<(DateTimeOffset Until, string Id)> _ends = new();

    /// <summary>Ids and the time when each is removed, oldest first.</summary>
    public IReadOnlyCollection<(DateTimeOffset Until, string Id)> Ids => _ends;

    /// <summary>Adds an id; false if it was seen within the window before.</summary>
    public bool TryAdd(string id, DateTimeOffset now, DateTimeOffset until)
    {
        while (_ends.TryPeek(out var oldest) && oldest.Until <= now)
            _ids.Remove(_ends.Dequeue().Id);
        if (!_ids.Add(id))
            return false;
        _ends.Enqueue((until, id));
        return true;
    }
}
