using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Choice of the next work of a free thread. Called under the device's lock.</summary>
internal sealed partial class ComputeDevice
{
    private bool TryTake(long nowUs, out Worker? worker, out PictureQueue.Entry? picture, out long wakeUs)
    {
        (worker, picture) = (null, null);
        var pick = Pick(nowUs, out var rows, out var startUs, out wakeUs);
        if (_pictures.Peek() is { } head && StartUs(head, nowUs) <= startUs)
        {
            picture = _pictures.Take();
            return true;
        }

        if (pick is not { } pool)
            return false;
        worker = pool.Idle.Pop();
        if (pool.Residents is not null)
            rows = Math.Min(rows, worker.MostRows);
        // First in hand, then out of the queue: a reader of the load sees each row at least once.
        var takenUs = pool.LastUsedUs = _clock.NowUs;
        (worker.IsBusy, worker.InHand) = (true, new BatchInHand(takenUs, rows));
        pool.Receiver.Take(rows, worker.Batch);
        worker.InHand = new BatchInHand(takenUs, worker.Batch.Count);
        worker.Use((pool.Residents?.Fit(worker, pool.Runs!) ?? pool).Id);
        return true;
    }

    /// <summary>Returns the latest start of decoding an image with which its query's root batch starts in time, microseconds.</summary>
    private double StartUs(in PictureQueue.Entry head, long nowUs)
    {
        var orderUs = head.Item.Scope.OrderUs;
        return RootOf(head.Item) is { } root
            ? root.LatestFinishUs(orderUs, nowUs) - root.Latency.LatencyUs(root.WaitBatch) - head.DecodeUs
            : orderUs - head.DecodeUs;
    }

    private VariantPool? RootOf(StageItem item)
    {
        foreach (var pool in _pools)
        {
            if (pool.Id.Pipeline == item.Scope.Pipeline && pool.Id.Task == item.Task && pool.Id.Variant == item.Variant)
                return pool;
        }

        return null;
    }

    /// <summary>Finds the runnable pool whose head must start soonest; of equal ones the first in the graph.</summary>
    private VariantPool? Pick(long nowUs, out int rows, out double bestStartUs, out long wakeUs)
    {
        VariantPool? best = null;
        bestStartUs = double.MaxValue;
        wakeUs = long.MaxValue;
        rows = 0;
        foreach (var pool in _pools)
        {
            if (pool.Idle.Count == 0 || pool.Receiver.HeadOrderUs is var headUs && headUs == long.MaxValue)
                continue;
            var latestFinishUs = pool.LatestFinishUs(headUs, nowUs);
            var runnable = pool.RowsToRun(nowUs, latestFinishUs, out var poolWakeUs);
            wakeUs = Math.Min(wakeUs, poolWakeUs);
            if (runnable == 0)
                continue;
            var startUs = latestFinishUs - (pool.Runs ?? pool).Latency.LatencyUs(runnable);
            if (startUs < bestStartUs || (startUs == bestStartUs && pool.Id.IsBefore(best!.Id)))
                (best, bestStartUs, rows) = (pool, startUs, runnable);
        }

        return best;
    }
}
