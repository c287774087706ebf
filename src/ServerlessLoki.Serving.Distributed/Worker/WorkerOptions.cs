using ServerlessLoki.Serving.Models;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Settings of a <see cref="WorkerEngine"/>; read once when it is built.</summary>
public sealed record WorkerOptions
{
    /// <summary>Unique among all workers, present and past. Default: random.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Device type of all slots, as in the profile, for example <c>cpu</c> or <c>T4</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Places for variants, 1 to 4,096. Default 1.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>What one slot gets of the profiled device, above 0 up to 1. Default 1.</summary>
    public double SlotShare { get; init; } = 1;

    /// <summary>Batches that compute at the same time, 1 to 4,096. Default: the number of cores.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Largest batch. Default 16 rows; 1 to 4,096.</summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>Model files kept loaded beyond what the slots need. Default 64 MiB; at least 0.</summary>
    public long IdleModelBytes { get; init; } = 64L << 20;

    /// <summary>Inputs kept that came by token, for other items of the same queries. Default 64 MiB; at least 0.</summary>
    public long InputCacheBytes { get; init; } = 64L << 20;

    /// <summary>What should compute the models; falls back to the processor where it cannot, and says so in status. Default: the processor.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Most GPU memory of one loaded model, bytes, at least 1; null = all there is.</summary>
    public long? GpuMemoryBytes { get; init; }

    /// <summary>How often to look at plan and leases, and to report. Default 1 s; 10 ms to an hour.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A slot's place is free for others when nothing was heard for so long. Default 15 s; at least three <see cref="Period"/>s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A variant that left the plan is listened for until nothing came for so long. Default 5 s: longer than senders route by
    /// the plan before; at least 0.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Everything that is out of its bounds.</summary>
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
