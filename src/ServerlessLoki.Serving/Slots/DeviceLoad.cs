using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Waiting and running work of a device. Any thread reads it without a lock.</summary>
/// <remarks>Work is read in the order in which it flows: pictures, the queue of a task, its batches in hand, then the tasks below. So a
/// row that moves on while it is read may be counted in both places, never in none.</remarks>
internal sealed class DeviceLoad(int parallelism, ServingClock clock, PictureQueue pictures)
{
    private readonly Drift _drift = new();
    private Pool[] _pools = [];

    /// <summary>Compute time of the rows that wait before a new arrival and of those in hand, divided by the number of threads, microseconds.</summary>
    /// <param name="orderUs">Place of the arrival in the queues, see <see cref="QueryScope.OrderUs"/>.</param>
    /// <param name="pipeline">Pipeline to count; null = all.</param>
    public double BeforeUs(long orderUs, int? pipeline = null)
    {
        var nowUs = clock.NowUs;
        // What a picture costs is taken from what pictures took just now.
        var picturesUs = pictures.CostBeforeUs(orderUs, pipeline) + (pipeline is null ? pictures.DecodingUs : 0);
        var workNs = 0L;
        foreach (var pool in Volatile.Read(ref _pools))
        {
            if (pipeline is null || pipeline == pool.Pipeline)
                workNs += pool.WaitingNs(orderUs) + pool.InHandNs(nowUs);
        }

        return (picturesUs / parallelism) + WaitingWork.Us(workNs, _drift.Factor, parallelism);
    }

    /// <summary>Returns the compute time of one query on a variant of its root task, microseconds; 0 where that variant is not loaded
    /// here.</summary>
    public double RowCostUs(StageItem item)
    {
        foreach (var pool in Volatile.Read(ref _pools))
        {
            if (pool.Id == new VariantId(item.Scope.Pipeline, item.Task, item.Variant))
                return pool.RowCostNs / 1000.0;
        }

        return 0;
    }

    /// <summary>Updates the load after pools, their workers or their costs changed. Called under the device's lock.</summary>
    public void Follow(List<VariantPool> pools) => Volatile.Write(ref _pools, [.. pools
        .OrderBy(p => (p.Id.Pipeline, p.Id.Task, p.Id.Variant))
        .Select(p => new Pool(p.Id, p.Receiver, p.RowCostNs, p.BelowCostNs, [.. p.Workers]))]);

    /// <summary>Records that a batch ended. Called under the device's lock.</summary>
    public void Ended(long nowUs, long tookUs, double expectedUs) => _drift.Observe(nowUs, tookUs, expectedUs);

    private sealed record Pool(VariantId Id, IStageReceiver Receiver, long RowCostNs, long BelowCostNs, Worker[] Workers)
    {
        public int Pipeline => Id.Pipeline;

        public long WaitingNs(long orderUs) => Math.Max(0, Receiver.Count - Receiver.CountAfter(orderUs)) * RowCostNs;

        public long InHandNs(long nowUs)
        {
            var workNs = 0L;
            foreach (var worker in Workers)
            {
                if (worker.InHand is { Rows: > 0 } batch)
                    workNs += WaitingWork.InHandNs(worker.Runs.Latency, batch.SinceUs, batch.Rows, BelowCostNs, nowUs);
            }

            return workNs;
        }
    }
}
