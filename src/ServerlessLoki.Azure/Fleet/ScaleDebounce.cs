namespace ServerlessLoki.Azure.Fleet;

/// <summary>Debounce of changing requests for replicas: raises at once but not too often, and lowers to the largest request of a
/// while.</summary>
/// <param name="raiseEvery">Shortest time between raises.</param>
/// <param name="lowerAfter">Time that a lower request must last.</param>
internal sealed class ScaleDebounce(TimeSpan raiseEvery, TimeSpan lowerAfter)
{
    // Wishes that may still be the highest of the window: times rise, replicas fall.
    private readonly LinkedList<(DateTimeOffset At, int Replicas)> _highest = [];
    private DateTimeOffset? _since;
    private DateTimeOffset? _raised;

    /// <summary>Returns the replicas to change to; null = no change.</summary>
    public int? Decide(int wish, int current, DateTimeOffset now)
    {
        _since ??= now;
        while (_highest.Last is { } last && last.Value.Replicas <= wish)
            _highest.RemoveLast();
        _highest.AddLast((now, wish));
        while (_highest.First!.Value.At < now - lowerAfter)
            _highest.RemoveFirst();
        if (wish > current)
            return _raised is { } raised && now - raised < raiseEvery ? null : wish;
        var most = _highest.First.Value.Replicas;
        return most < current && now - _since >= lowerAfter ? most : null;
    }

    /// <summary>Records that the change was made.</summary>
    public void Changed(bool raise, DateTimeOffset now)
    {
        if (raise)
            _raised = now;
        else
            _since = now;
    }
}
