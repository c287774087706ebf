using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>One stage's variant on one kind of device.</summary>
internal sealed class StageHardware
{
    private readonly long[] _batchUs;

    /// <param name="device">Index of the device type.</param>
    /// <param name="latency">Batch latency of the variant on this device.</param>
    /// <param name="slotShare">Share of the device that one replica gets, above 0 up to 1.</param>
    /// <param name="price">Price of one replica.</param>
    /// <param name="maxBatch">Largest batch allowed; the smallest profiled one stays in any case.</param>
    public StageHardware(int device, BatchLatency latency, double slotShare, double price, int maxBatch)
    {
        (Device, SlotShare, Price) = (device, slotShare, price);
        var kept = ImmutableArray.CreateBuilder<int>();
        var profiled = latency.Batches;
        foreach (var batch in profiled)
        {
            if (kept.Count == 0 || (batch <= maxBatch && latency.ThroughputQps(batch) > latency.ThroughputQps(kept[^1])))
                kept.Add(batch);
        }

        Batches = kept.ToImmutable();
        _batchUs = new long[Batches[^1] + 1];
        for (var (rows, at) = (0, 0); rows < _batchUs.Length; rows++)
        {
            while (profiled[at] < rows)
                at++;
            _batchUs[rows] = Math.Max(1, (long)Math.Round(latency.LatencyUs(profiled[at])));
        }
    }

    public int Device { get; }

    public double SlotShare { get; }

    public double Price { get; }

    /// <summary>Profiled batch sizes, ascending, each with more throughput than the one before (InferLine, profiler).</summary>
    public ImmutableArray<int> Batches { get; }

    /// <summary>Returns the time of a batch of that many rows, microseconds: that of the smallest profiled size that holds them, never
    /// interpolated (4.1).</summary>
    public long BatchUs(int rows) => _batchUs[rows];

    /// <summary>Computes μ: rows per second of one replica at full batches.</summary>
    public double ReplicaQps(int batch) => SlotShare * batch * 1e6 / _batchUs[batch];
}
