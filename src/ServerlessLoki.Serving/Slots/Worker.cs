using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>A slot's tenancy of one variant: from "loaded and warm" until drained.</summary>
internal sealed class Worker(string slot, VariantPool pool, ModelLease model, IStageRunner runner) : IDisposable
{
    private long _inHand;

    public string Slot { get; } = slot;

    public VariantPool Pool { get; } = pool;

    public IStageRunner Runner { get; } = runner;

    public string Provider => model.Model.Provider;

    public string? ProviderFallback => model.Model.ProviderFallback;

    /// <summary>Why it runs one row at a time; null where batches may be larger.</summary>
    public string? HeldBecause => model.Model.HeldBecause;

    /// <summary>The model's inputs, for messages: <c>input 'x'</c>.</summary>
    public string Inputs => model.Model.Description.Inputs switch
    {
        [] => "its input",
        [var one] => $"input '{one.Name}'",
        var several => $"inputs {string.Join(", ", several.Select(i => $"'{i.Name}'"))}",
    };

    /// <summary>True for a backup that takes no slot.</summary>
    public bool IsBeside { get; init; }

    /// <summary>The batch in hand; touched only by the thread that runs it.</summary>
    public List<StageItem> Batch { get; } = [];

    /// <summary>When the batch in hand was begun, and when the model's input was filled; touched only by the thread that runs it.</summary>
    public long StartedUs { get; set; }

    /// <inheritdoc cref="StartedUs"/>
    public long FilledUs { get; set; }

    /// <summary>Rows of the batch that were handed on; the rest is tried again when the batch fails.</summary>
    public int Delivered { get; set; }

    /// <summary>Guarded by the device: true from taking a batch to giving the worker back.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The batch in hand, for admission. Written under the device's lock, read without it.</summary>
    public BatchInHand InHand
    {
        get => BatchInHand.Of(Volatile.Read(ref _inHand));
        set => Volatile.Write(ref _inHand, value.Packed);
    }

    /// <summary>Guarded by the device: leaves the pool when it is next idle and the pool can spare it.</summary>
    public bool IsRetiring { get; set; }

    /// <summary>Makes the next batch throw, for fault tests.</summary>
    public volatile bool FaultInjected;

    /// <summary>Why its last batch failed, after which it runs no other; null while healthy.</summary>
    public volatile string? Fault;

    public void Dispose()
    {
        Runner.Dispose();
        model.Dispose();
    }
}
