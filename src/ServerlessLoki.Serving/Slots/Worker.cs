using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Worker: a slot's period of running one variant, from "loaded and warm" until drained.</summary>
internal sealed class Worker(string slot, VariantPool pool, ModelLease model, IStageRunner runner) : IDisposable
{
    private long _inHand;

    public string Slot { get; } = slot;

    public VariantPool Pool { get; } = pool;

    public IStageRunner Runner { get; } = runner;

    public string Provider => model.Model.Provider;

    public string? ProviderFallback => model.Model.ProviderFallback;

    /// <summary>Reason why the worker runs one row at a time; null where batches may be larger.</summary>
    public string? HeldBecause => model.Model.HeldBecause;

    /// <summary>Inputs of the model, for messages: <c>input 'x'</c>.</summary>
    public string Inputs => model.Model.Description.Inputs switch
    {
        [] => "its input",
        [var one] => $"input '{one.Name}'",
        var several => $"inputs {string.Join(", ", several.Select(i => $"'{i.Name}'"))}",
    };

    /// <summary>True for a standby worker, which takes no slot.</summary>
    public bool IsBeside { get; init; }

    /// <summary>Running batch; used only by the thread that runs it.</summary>
    public List<StageItem> Batch { get; } = [];

    /// <summary>Start time of the running batch and time when the model's input was filled, microseconds; used only by the thread that runs it.</summary>
    public long StartedUs { get; set; }

    /// <inheritdoc cref="StartedUs"/>
    public long FilledUs { get; set; }

    /// <summary>Rows of the batch that were handed on; the others are retried when the batch fails.</summary>
    public int Delivered { get; set; }

    /// <summary>True from taking a batch to returning the worker. Guarded by the device.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Running batch, for admission. Written under the device's lock, read without it.</summary>
    public BatchInHand InHand
    {
        get => BatchInHand.Of(Volatile.Read(ref _inHand));
        set => Volatile.Write(ref _inHand, value.Packed);
    }

    /// <summary>True when the worker leaves the pool once it is idle and the pool can spare it. Guarded by the device.</summary>
    public bool IsRetiring { get; set; }

    /// <summary>True = the next batch throws, for fault tests.</summary>
    public volatile bool FaultInjected;

    /// <summary>Reason why the worker's last batch failed, after which it runs no other; null while healthy.</summary>
    public volatile string? Fault;

    public void Dispose()
    {
        Runner.Dispose();
        model.Dispose();
    }
}
