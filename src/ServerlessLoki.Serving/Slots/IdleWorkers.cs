namespace ServerlessLoki.Serving.Slots;

/// <summary>Idle workers of a pool. Guarded by the <see cref="ComputeDevice"/>.</summary>
/// <remarks>A worker of a slot goes before a backup: the plan counted on the slot, and a backup that stayed from the plan before would else keep
/// it idle. Of each kind the last one that ran goes first: its memory is still in the cache.</remarks>
internal sealed class IdleWorkers
{
    private readonly Stack<Worker> _ofSlots = new();
    private readonly Stack<Worker> _beside = new();

    public int Count => _ofSlots.Count + _beside.Count;

    public void Push(Worker worker) => (worker.IsBeside ? _beside : _ofSlots).Push(worker);

    /// <exception cref="InvalidOperationException">None is idle.</exception>
    public Worker Pop() => (_ofSlots.Count > 0 ? _ofSlots : _beside).Pop();

    public void Clear()
    {
        _ofSlots.Clear();
        _beside.Clear();
    }
}
