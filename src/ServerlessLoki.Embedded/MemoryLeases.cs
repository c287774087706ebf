using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded;

/// <summary>Leases in memory. A lease must not outlive its process, so none is stored.</summary>
internal sealed class MemoryLeases
{
    private readonly Dictionary<string, (string Owner, DateTimeOffset Until)> _places = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public bool Claim(string place, string owner, DateTimeOffset now, TimeSpan duration)
    {
        lock (_gate)
        {
            if (_places.TryGetValue(place, out var held) && held.Owner != owner && held.Until > now)
                return false;
            _places[place] = (owner, now + duration);
            return true;
        }
    }

    public IReadOnlyList<PlaceLease> Held(string prefix, DateTimeOffset now)
    {
        lock (_gate)
        {
            return [.. _places.Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal) && p.Value.Until > now)
                .OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p => new PlaceLease(p.Key, p.Value.Owner, p.Value.Until))];
        }
    }

    public void Release(string place, string owner)
    {
        lock (_gate)
        {
            if (_places.TryGetValue(place, out var held) && held.Owner == owner)
                _places.Remove(place);
        }
    }
}
