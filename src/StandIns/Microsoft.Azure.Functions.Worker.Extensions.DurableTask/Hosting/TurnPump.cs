namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Runs an orchestrator's continuations on the turn's own thread, in the order in which they became ready.</summary>
internal sealed class TurnPump : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly int _thread = System.Environment.CurrentManagedThreadId;

    /// <summary>True once something outside the orchestration has tried to continue it.</summary>
    public bool WasEntered { get; private set; }

    public override SynchronizationContext CreateCopy() => this;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (System.Environment.CurrentManagedThreadId == _thread)
            _ready.Enqueue((d, state));
        else
            WasEntered = true;
    }

    public void Drain()
    {
        while (_ready.TryDequeue(out var next))
            next.Callback(next.State);
    }
}
