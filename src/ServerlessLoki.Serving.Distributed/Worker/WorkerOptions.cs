using ServerlessLoki.Serving.Models;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Options of a <see cref="WorkerEngine"/>; read once when it is built.</summary>
public sealed record WorkerOptions
{
    /// <summary>Id that is unique among all workers, present and past. Default: random.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Device type of all slots, as in the profile, for example <c>cpu</c> or <c>T4</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Number of slots, 1 to 4,096. Default 1.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>Share of the profiled device that one slot gets, above 0 up to 1. Default 1.</summary>
    public double SlotShare { get; init; } = 1;

    /// <summary>Place of the machine, for example a rack, which status shows. Default null: none.</summary>
    public string? Zone { get; init; }

    /// <summary>Batches that compute at the same time, 1 to 4,096. Default: the number of cores.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Largest batch. Default 16 rows; 1 to 4,096.</summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>Size of model files that stay loaded beyond the slots' need, bytes. Default 64 MiB; at least 0.</summary>
    public long IdleModelBytes { get; init; } = 64L << 20;

    /// <summary>Size of the cache of stored inputs, for other items of the same queries, bytes. Default 64 MiB; at least 0.</summary>
    public long InputCacheBytes { get; init; } = 64L << 20;

    /// <summary>Execution provider for the models; falls back to the CPU where it is not available, and status says so. Default: the
    /// CPU.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Most GPU memory of one loaded model, bytes, at least 1; null = all there is.</summary>
    public long? GpuMemoryBytes { get; init; }

    /// <summary>Interval of reading the plan, renewing leases and reporting. Default 1 s; 10 ms to an hour.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time without a heartbeat after which a slot's place is free for others. Default 15 s; at least three
    /// <see cref="Period"/>s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time without messages after which a worker stops receiving for a variant that left the plan. Default 5 s: longer than
    /// senders route by the plan before; at least 0.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Require(!string.IsNullOrWhiteSpace(Id), Id, "a name that no other worker has", nameof(Id));
        check.Require(!string.IsNullOrWhiteSpace(Device), Device, "a device type of the profiles, for example cpu", nameof(Device));
        check.Within(Slots, 1, 4096);
        check.Share(SlotShare);
        check.Within(Parallelism, 1, 4096);
        check.Within(MaxBatch, 1, 4096);
        check.AtLeast(IdleModelBytes, 0);
        check.AtLeast(InputCacheBytes, 0);
        check.Defined(Provider);
        check.Within(GpuMemoryBytes, 1, long.MaxValue);
        check.Within(Period, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        check.Require(Lease >= 3 * Period, Lease, $"three periods ({3 * Period}) or more", nameof(Lease));
        check.AtLeast(Linger, TimeSpan.Zero);
        return check.Faults;
    }
}
