namespace ServerlessLoki.Embedded;

/// <summary>Leases of one process. A lease of a process that died must not outlive it, so none is stored.</summary>
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

    public void Release(string place, string owner)
    {
        lock (_gate)
        {
            if (_places.TryGetValue(place, out var held) && held.Owner == owner)
                _places.Remove(place);
        }
    }
}
