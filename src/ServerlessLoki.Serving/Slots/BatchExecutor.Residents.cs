using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Batches of slots that hold several variants.</summary>
internal sealed partial class BatchExecutor
{
    /// <summary>Refuses rows that ask for more accuracy than any variant here has: a worker made in need holds fewer than its plan says.</summary>
    private void RefuseTooAccurate(Worker worker)
    {
        if (worker.Pool.Residents is not { } residents)
            return;
        for (var row = worker.Batch.Count - 1; row >= 0; row--)
        {
            var item = worker.Batch[row];
            if (!residents.AsksMore(item, worker.Pool, worker.Runs))
                continue;
            item.Scope.Fail(QueryOutcome.Unavailable, $"No variant of task '{worker.Pool.Key.Task}' that is loaded reaches the accuracy asked for.");
            Leave(worker, row);
        }
    }
}
