using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Worker: a slot's period of serving one queue, from "loaded and warm" until drained. It runs the queue's variant, or those that it holds beside
/// it, one at a time.</summary>
/// <param name="slot">Slot id.</param>
/// <param name="pool">Pool whose queue it serves.</param>
/// <param name="held">What it can run; the pool's own variant first.</param>
internal sealed class Worker(string slot, VariantPool pool, ImmutableArray<HeldModel> held) : IDisposable
{
    private HeldModel _current = held[0];
    private long _inHand;

    public Worker(string slot, VariantPool pool, ModelLease model, IStageRunner runner)
        : this(slot, pool, [new HeldModel(pool, model, runner)])
    {
    }

    public string Slot { get; } = slot;

    public VariantPool Pool { get; } = pool;

    /// <summary>All that it can run.</summary>
    public ImmutableArray<HeldModel> Held { get; } = held;

    /// <summary>The variant that the present batch runs.</summary>
    public VariantPool Runs => _current.Variant;

    public IStageRunner Runner => _current.Runner;

    /// <summary>Rows that any of its models takes at once: which one runs is known only after they were taken.</summary>
    public int MostRows => Held.Min(static h => h.Runner.MaxBatch);

    public string Provider => _current.Lease.Model.Provider;

    public string? ProviderFallback => _current.Lease.Model.ProviderFallback;

    /// <summary>Reason why the worker runs one row at a time; null where batches may be larger.</summary>
    public string? HeldBecause => _current.Lease.Model.HeldBecause;

    /// <summary>Inputs of the model, for messages: <c>input 'x'</c>.</summary>
    public string Inputs => _current.Lease.Model.Description.Inputs switch
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

    /// <summary>Turns to a variant for the next batch; takes no time. What is not held is left to the queue's own variant.</summary>
    public void Use(VariantId variant)
    {
        foreach (var model in Held)
        {
            if (model.Variant.Id == variant)
            {
                _current = model;
                return;
            }
        }

        _current = Held[0];
    }

    public void Dispose()
    {
        foreach (var model in Held)
            model.Dispose();
    }
}
