namespace ServerlessLoki.Serving.Slots;

/// <summary>Lease of a loaded model; disposing it ends the use, once.</summary>
internal sealed class ModelLease(IStageModel model, Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    public IStageModel Model { get; } = model;

    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
