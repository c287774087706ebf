using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Remote;

/// <summary>Inputs that travel by token, fetched and decoded once for all items of a query that come here. Least recently used leave first.</summary>
internal sealed class InputCache(IPayloadStore payloads, long mostBytes)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _bytes;
    private long _tick;

    /// <summary>The input of a payload; null if its bytes were deleted.</summary>
    /// <exception cref="FormatException">The bytes are not what the payload says.</exception>
    public async ValueTask<QueryInput?> FindAsync(StagePayload payload, CancellationToken cancellationToken)
    {
        Entry entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(payload.Token!, out entry!))
                _entries[payload.Token!] = entry = new Entry(payload.Token!, new Lazy<Task<QueryInput?>>(() => FetchAsync(payload)));
            entry.LastUsed = ++_tick;
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

    // Whoever waits may give up; others wait for the same fetch.
    private async Task<QueryInput?> FetchAsync(StagePayload payload) =>
        await payloads.FindAsync(payload.Token!, CancellationToken.None) is { } bytes ? Payloads.InputOf(payload, bytes) : null;

    private void Count(Entry entry, QueryInput? input)
    {
        lock (_gate)
        {
            if (input is null)
            {
                Remove(entry);
                return;
            }

            if (entry.Bytes > 0 || !_entries.ContainsKey(entry.Token))
                return;
            _bytes += entry.Bytes = Payloads.Size(input);
            foreach (var oldest in _entries.Values.Where(e => e.Bytes > 0 && e != entry).OrderBy(e => e.LastUsed).TakeWhile(_ => _bytes > mostBytes).ToList())
                Remove(oldest);
        }
    }

    private void Remove(Entry entry)
    {
        if (_entries.TryGetValue(entry.Token, out var present) && present == entry && _entries.Remove(entry.Token))
            _bytes -= entry.Bytes;
    }

    private sealed class Entry(string token, Lazy<Task<QueryInput?>> input)
    {
        public string Token { get; } = token;

        public Lazy<Task<QueryInput?>> Input { get; } = input;

        public long Bytes { get; set; }

        public long LastUsed { get; set; }
    }
}
