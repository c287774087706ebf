using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Handling of a batch that failed because of its data: rows run alone, so that one row does not fail the others.</summary>
internal sealed partial class BatchExecutor
{
    /// <summary>Runs each row by itself on the same worker. If the worker still computes the rows that it was warmed with, rows that fail
    /// alone have faulty data; if not, it throws with those rows in the batch, and the worker is lost.</summary>
    private void RunOneByOne(Worker worker, ModelException fault)
    {
        var batch = worker.Batch;
        var hasServed = false;

        // Refused rows stay in front, in their order, until it is known whose fault it is.
        var causes = new List<string>();
        if (batch.Count == 1)
            causes.Add(fault.Cause);

        // A model of a fixed batch would compute the rows beside the first again.
        worker.Runner.Clear(batch.Count);
        while (causes.Count < batch.Count)
        {
            var item = batch[causes.Count];
            if (IsLate(worker, item, clock.NowUs))
            {
                Leave(worker, causes.Count);
            }
            else if (RunAlone(worker, item) is { } cause)
            {
                causes.Add(cause);
            }
            else
            {
                batch.RemoveAt(causes.Count);
                hasServed = true;
            }
        }

        if (causes.Count == 0)
            return;
        if (!hasServed)
            Check(worker.Runner);
        Refuse(worker, causes);
    }

    /// <summary>Runs one row and hands it on.</summary>
    /// <returns>Reason why the row cannot be computed; null if it was.</returns>
    private string? RunAlone(Worker worker, StageItem item)
    {
        var startUs = clock.NowUs;
        long filledUs;
        try
        {
            worker.Runner.Fill(0, item);
            filledUs = clock.NowUs;
            worker.Runner.Run(1);
        }
        catch (ModelException exception) when (!exception.IsOfTheMachine)
        {
            return exception.Cause;
        }

        var ranUs = clock.NowUs;
        item.ComputedUs += ranUs - startUs;
        Deliver(worker, item, 0);
        Account(worker, 1, startUs, filledUs, ranUs);
        return null;
    }

    /// <summary>Throws if the worker cannot even compute the zeros that it was warmed with.</summary>
    private static void Check(IStageRunner runner)
    {
        runner.Clear(1);
        runner.Warm(1);
    }

    private void Refuse(Worker worker, List<string> causes)
    {
        var pool = worker.Runs;
        logger.RowsRefused(pool.Key, causes.Count, causes[0]);
        foreach (var cause in causes)
        {
            pool.Metrics.Refused();
            worker.Batch[0].Scope.Fail(QueryOutcome.Invalid, $"Variant {pool.Key.Variant} cannot compute {worker.Inputs}: {cause}.");
            Leave(worker, 0);
        }
    }
}
