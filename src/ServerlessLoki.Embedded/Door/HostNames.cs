using System.Net;

namespace ServerlessLoki.Embedded.Door;

/// <summary>The names by which a host may be asked: a page that points its own name at this machine (DNS rebinding) asks by another.</summary>
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

    /// <summary>True for a name of this host, or no name at all, as HTTP/1.0 has it. An address is always one: no foreign page has it as its own.</summary>
    public bool Knows(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        return _any || name.IsEmpty
            || _names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(name.Trim("[]"), out _);
    }
}
