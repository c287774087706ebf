namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>A queue from its journal, and its whole state into it.</summary>
internal sealed partial class BrokerQueue
{
    private Action _writeAll = static () => { };

    public BrokerQueue(RecoveredQueue recovered, TimeProvider time, QueueLog log, Action<BrokerQueue> ended)
        : this(recovered.Settings!, time, new QueueGate(log), recovered.CreatedAt, ended, isDeadLetters: false)
    {
        DeadLetters = OwnDeadLetters();
        _sequence = recovered.Sequence;
        foreach (var message in recovered.Messages(isDead: false))
            Place(message);
        foreach (var message in recovered.Messages(isDead: true))
            DeadLetters.Place(message);
        foreach (var (until, id) in recovered.Ids)
            _seen.TryAdd(id, time.GetUtcNow(), until);
        Start();
    }

    /// <summary>Applies the time that has passed already, and starts the timers.</summary>
    private void Start()
    {
        _writeAll = WriteAll;
        DeadLetters!._writeAll = WriteAll;
        using var turn = Begin(isAccess: true);
        DeadLetters.Pass(_time.GetUtcNow());
    }

    private void WriteAll()
    {
        _gate.Log.Settings(_settings, _createdAt, _sequence);
        foreach (var (until, id) in _seen.Ids)
            _gate.Log.SeenId(id, until);
        foreach (var message in All())
            _gate.Log.Message(message, isDead: false);
        foreach (var message in DeadLetters!.All())
            _gate.Log.Message(message, isDead: true);
    }
}
