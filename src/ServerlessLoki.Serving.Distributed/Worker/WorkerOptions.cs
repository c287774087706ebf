using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Settings of a <see cref="WorkerEngine"/>; read once when it is built.</summary>
public sealed record WorkerOptions
{
    /// <summary>Unique among all workers, present and past. Default: random.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Device type of all slots, as in the profile, for example <c>cpu</c> or <c>T4</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Places for variants; at least 1. Default 1.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>What one slot gets of the profiled device, above 0 up to 1. Default 1.</summary>
    public double SlotShare { get; init; } = 1;

    /// <summary>Batches that compute at the same time. Default: the number of cores.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Largest batch. Default 16 rows.</summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>Model files kept loaded beyond what the slots need. Default 64 MiB.</summary>
    public long IdleModelBytes { get; init; } = 64L << 20;

    /// <summary>Inputs kept that came by token, for other items of the same queries. Default 64 MiB.</summary>
    public long InputCacheBytes { get; init; } = 64L << 20;

    /// <summary>What should compute the models; falls back to the processor where it cannot, and says so in status. Default: the processor.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Most GPU memory of one loaded model, bytes; null = all there is.</summary>
    public long? GpuMemoryBytes { get; init; }

    /// <summary>How often to look at plan and leases, and to report. Default 1 s.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A slot's place is free for others when nothing was heard for so long. Default 15 s; at least three <see cref="Period"/>s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A variant that left the plan is listened for until nothing came for so long. Default 5 s: longer than senders route by
    /// the plan before.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(5);
}
