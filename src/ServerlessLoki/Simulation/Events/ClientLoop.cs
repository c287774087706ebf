using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Times of the next queries of clients in closed loops.</summary>
/// <remarks>A client asks at least <see cref="LeastUs"/> after its last query ended, so that time goes on.</remarks>
internal sealed class ClientLoop
{
    private const long LeastUs = 1;
    private readonly PriorityQueue<(int Group, int Client), (long AtUs, int Group, int Client)> _next = new();
    private readonly ImmutableArray<ClientGroup> _groups;

    /// <summary>True for each client that asks, waits or thinks.</summary>
    private readonly bool[][] _isActive;
    private readonly StreamRandom[] _random;

    public ClientLoop(ImmutableArray<ClientGroup> groups, ulong seed)
    {
        _groups = groups;
        _isActive = [.. groups.Select(g => new bool[g.Phases.Max(p => p.Count)])];
        _random = [.. groups.Select((_, i) => new StreamRandom(HashRandom.Mix(seed + ((ulong)(i + 1) * HashRandom.Golden))))];
        for (var g = 0; g < groups.Length; g++)
        {
            var atUs = 0L;
            for (var phase = 0; phase < groups[g].Phases.Length; phase++)
            {
                _next.Enqueue((g, -1 - phase), (atUs, g, -1 - phase));
                atUs += (long)groups[g].Phases[phase].Length.TotalMicroseconds;
            }
        }
    }

    /// <summary>Time of the next query or phase, microseconds; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextUs => _next.TryPeek(out _, out var priority) ? priority.AtUs : long.MaxValue;

    /// <summary>Takes the turn that is due now; null = a phase began.</summary>
    public ClientTurn? Take(long nowUs)
    {
        var (g, client) = _next.Dequeue();
        if (client < 0)
        {
            Begin(g, -1 - client, nowUs);
            return null;
        }

        if (client >= CountAt(g, nowUs))
        {
            _isActive[g][client] = false;
            return null;
        }

        return new ClientTurn(new Arrival(nowUs, _groups[g].Pipeline), new ClientTicket(g, client));
    }

    /// <summary>Records that a client's query ended.</summary>
    /// <param name="ticket">Ticket of the query.</param>
    /// <param name="retryAfterUs">Time until the retry that a refusal asks for, microseconds; null = not refused.</param>
    /// <param name="nowUs">Current time, microseconds.</param>
    public void Ended(ClientTicket ticket, long? retryAfterUs, long nowUs)
    {
        var group = _groups[ticket.Group];
        var waitUs = retryAfterUs is { } after ? group.RetryUs ?? after
            : group.ThinksRandomly ? (long)(group.ThinkUs * _random[ticket.Group].NextExponential()) : group.ThinkUs;
        Schedule(ticket.Group, ticket.Client, nowUs + Math.Max(LeastUs, waitUs));
    }

    private void Begin(int g, int phase, long nowUs)
    {
        for (var client = 0; client < _groups[g].Phases[phase].Count; client++)
        {
            if (_isActive[g][client])
                continue;
            _isActive[g][client] = true;
            Schedule(g, client, nowUs);
        }
    }

    private void Schedule(int g, int client, long atUs) => _next.Enqueue((g, client), (atUs, g, client));

    private int CountAt(int g, long nowUs)
    {
        var endUs = 0L;
        foreach (var (count, length) in _groups[g].Phases)
        {
            endUs += (long)length.TotalMicroseconds;
            if (nowUs < endUs)
                return count;
        }

        return 0;
    }
}
