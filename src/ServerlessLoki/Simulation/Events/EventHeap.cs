namespace ServerlessLoki.Simulation.Events;

/// <summary>Queue of the next event of each actor: a 4-ary heap with one time per actor, which can be moved or removed.</summary>
/// <remarks>Actors are few (busy workers, waiting pools), so it stays in the first cache; rescheduling leaves no stale events.</remarks>
internal sealed class EventHeap
{
    private (long AtUs, int Actor)[] _nodes = new (long, int)[64];
    private int[] _position = [];
    private int _count;

    /// <summary>Time of the next event, microseconds; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextUs => _count == 0 ? long.MaxValue : _nodes[0].AtUs;

    public int NextActor => _nodes[0].Actor;

    /// <summary>Reserves room for actors 0..<paramref name="actors"/> − 1.</summary>
    public void Reserve(int actors)
    {
        var before = _position.Length;
        if (actors <= before)
            return;
        Array.Resize(ref _position, Math.Max(actors, 2 * before));
        Array.Fill(_position, -1, before, _position.Length - before);
    }

    public bool IsSet(int actor) => _position[actor] >= 0;

    public void Set(int actor, long atUs)
    {
        var at = _position[actor];
        if (at < 0)
        {
            if (_count == _nodes.Length)
                Array.Resize(ref _nodes, 2 * _count);
            Up(_count++, (atUs, actor));
            return;
        }

        var before = _nodes[at].AtUs;
        if (atUs < before)
            Up(at, (atUs, actor));
        else if (atUs > before)
            Down(at, (atUs, actor));
    }

    public void Remove(int actor)
    {
        var at = _position[actor];
        if (at < 0)
            return;
        _position[actor] = -1;
        var last = _nodes[--_count];
        if (at == _count)
            return;
        if (at > 0 && last.AtUs < _nodes[(at - 1) >> 2].AtUs)
            Up(at, last);
        else
            Down(at, last);
    }

    private void Up(int at, (long AtUs, int Actor) node)
    {
        var nodes = _nodes;
        while (at > 0)
        {
            var parent = (at - 1) >> 2;
            if (nodes[parent].AtUs <= node.AtUs)
                break;
            nodes[at] = nodes[parent];
            _position[nodes[at].Actor] = at;
            at = parent;
        }

        nodes[at] = node;
        _position[node.Actor] = at;
    }

    private void Down(int at, (long AtUs, int Actor) node)
    {
        var nodes = _nodes;
        while (true)
        {
            var child = (at << 2) + 1;
            if (child >= _count)
                break;
            var least = child;
            var end = Math.Min(child + 4, _count);
            for (var c = child + 1; c < end; c++)
            {
                if (nodes[c].AtUs < nodes[least].AtUs)
                    least = c;
            }

            if (nodes[least].AtUs >= node.AtUs)
                break;
            nodes[at] = nodes[least];
            _position[nodes[at].Actor] = at;
            at = least;
        }

        nodes[at] = node;
        _position[node.Actor] = at;
    }
}
