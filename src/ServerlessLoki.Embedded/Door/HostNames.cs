using System.Net;

namespace ServerlessLoki.Embedded.Door;

/// <summary>Names by which a host may be addressed. A foreign page that points its own name at this machine (DNS rebinding) uses another
/// name.</summary>
internal sealed class HostNames
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };
    private readonly bool _any;

    public HostNames(IEnumerable<string> allowed)
    {
        var machine = Dns.GetHostName();
        _names.UnionWith([machine, machine.Split('.')[0], machine.Split('.')[0] + ".local"]);
        foreach (var name in allowed)
        {
            _any |= name == "*";
            _names.Add(name.TrimEnd('.'));
        }
    }

    /// <summary>Tests for a name of this host, or no name at all, as in HTTP/1.0. IP addresses always pass, since no foreign page has one
    /// as its origin.</summary>
    public bool Knows(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        return _any || name.IsEmpty
            || _names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(name.Trim("[]"), out _);
    }
}
