using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Cache of inputs that several items of a query use: stored inputs are fetched once, images are decoded once. The least recently
/// used are removed first. Pixels of inputs that are not cached are freed after each use.</summary>
internal sealed class InputCache(IPayloadStore payloads, long mostBytes)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Entries of the cache, the least recently used first.</summary>
    private readonly LinkedList<Entry> _byUse = [];
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>Returns the input of a payload; null if its bytes were deleted.</summary>
    /// <param name="payload">Payload of the message.</param>
    /// <param name="query">Key of an inline payload: all items of a query bring the same payload.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="FormatException">The bytes do not match the payload's kind.</exception>
    public async ValueTask<QueryInput?> FindAsync(StagePayload payload, string query, CancellationToken cancellationToken)
    {
        Entry entry;
        var key = payload.Token ?? query;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry!))
                _entries[key] = entry = new Entry(key, new Lazy<Task<QueryInput?>>(() => FetchAsync(payload)));
            else
                _byUse.Remove(entry.Place);
            _byUse.AddLast(entry.Place);
        }

        try
        {
            var input = await entry.Input.Value.WaitAsync(cancellationToken);
            Count(entry, input);
            return input;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            lock (_gate)
                Remove(entry);
            throw;
        }
    }

    // A caller may give up while others wait for the same fetch.
    private async Task<QueryInput?> FetchAsync(StagePayload payload) =>
        await Payloads.BytesAsync(payload, payloads, CancellationToken.None) is { } bytes ? Payloads.InputOf(payload, bytes) : null;

    private void Count(Entry entry, QueryInput? input)
    {
        var removed = new List<Entry>();
        lock (_gate)
        {
            if (input is null)
            {
                Remove(entry);
                return;
            }

            if (entry.Bytes > 0 || !_entries.ContainsKey(entry.Key))
                return;
            entry.Bytes = Payloads.Size(input);
            entry.Image = input as ImageInput;
            if (entry.Bytes > mostBytes && entry.Image is not null)
                removed.Add(entry);
            _bytes += entry.Bytes;
            removed.ForEach(Remove);
            for (var place = _byUse.First; _bytes > mostBytes && place is not null;)
            {
                var oldest = place.Value;
                place = place.Next;
                // What is not here yet takes no room.
                if (oldest.Bytes == 0 || oldest == entry)
                    continue;
                Remove(oldest);
                removed.Add(oldest);
            }
        }

        // Beside the lock: a picture's own is held while it is decoded.
        if (!removed.Contains(entry) && entry.Image is { } image)
            image.IsKept = true;
        foreach (var old in removed.Where(e => e.Image is not null))
            old.Image!.IsKept = false;
    }

    private void Remove(Entry entry)
    {
        if (!_entries.TryGetValue(entry.Key, out var present) || present != entry)
            return;
        _entries.Remove(entry.Key);
        _byUse.Remove(entry.Place);
        _bytes -= entry.Bytes;
    }

    private sealed class Entry
    {
        public Entry(string key, Lazy<Task<QueryInput?>> input) => (Key, Input, Place) = (key, input, new LinkedListNode<Entry>(this));

        public string Key { get; }

        public Lazy<Task<QueryInput?>> Input { get; }

        public LinkedListNode<Entry> Place { get; }

        public long Bytes { get; set; }

        public ImageInput? Image { get; set; }
    }
}
