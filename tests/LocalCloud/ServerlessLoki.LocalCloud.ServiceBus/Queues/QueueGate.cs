namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Common part of a queue and its dead letters: one lock, one journal, and the consumers to wake when the lock is free.</summary>
internal sealed class QueueGate(QueueLog log)
{
    private List<Action> _after = [];

    public Lock Lock { get; } = new();

    public QueueLog Log { get; } = log;

    public void Enter() => Lock.Enter();

    /// <summary>Runs an action when the lock is free: it may take other locks.</summary>
    public void After(Action action)
    {
        if (!_after.Contains(action))
            _after.Add(action);
    }

    public void Exit()
    {
        var after = _after;
        if (after.Count > 0)
            _after = [];
        Lock.Exit();
        foreach (var action in after)
            action();
    }
}
