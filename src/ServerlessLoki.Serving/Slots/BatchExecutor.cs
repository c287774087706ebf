using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Execution of one batch on the calling compute thread: drop, fill, run, read, forward.</summary>
internal sealed partial class BatchExecutor(ServingClock clock, IForwarder forwarder, SlowdownMonitor slowdown, ILogger<BatchExecutor> logger)
{
    private const int MaxAttempts = 2;

    /// <summary>Raised with a worker whose batch threw, after it was disposed.</summary>
    public event Action<Worker>? WorkerLost;

    /// <summary>Raised with a worker whose model no longer accepts batches of the size just tried.</summary>
    public event Action<Worker>? VariantHeld;

    /// <summary>Raised with a worker when most recent answers of its variant were NaN or infinite.</summary>
    public event Action<Worker>? VariantUnfit;

    /// <summary>Removes late rows from the batch and fills the model's input. False if the worker cannot run another batch.</summary>
    public bool Begin(Worker worker)
    {
        worker.Delivered = 0;
        try
        {
            worker.StartedUs = clock.NowUs;
            RerouteOrDropLate(worker, worker.StartedUs);
            RefuseTooAccurate(worker);
            PoolResidents.Relabel(worker.Batch, worker.Pool, worker.Runs);
            FillRows(worker);
            worker.FilledUs = clock.NowUs;
            return true;
        }
        catch (Exception exception)
        {
            GiveUp(worker, exception);
            return false;
        }
    }

    /// <summary>Runs the batch that <see cref="Begin"/> left and forwards its results. True if the worker is fit for the next
    /// batch.</summary>
    public bool End(Worker worker)
    {
        try
        {
            if (worker.Batch.Count > 0)
                RunBatch(worker, worker.StartedUs, worker.FilledUs);
            worker.Batch.Clear();
            worker.Runner.Done();
            return true;
        }
        catch (Exception exception)
        {
            GiveUp(worker, exception);
            return false;
        }
    }

    private void GiveUp(Worker worker, Exception exception)
    {
        logger.BatchFailed(exception, worker.Slot, worker.Runs.Key.ToString(), worker.Batch.Count);
        worker.Runs.Metrics.Failed();
        // Before its rows go elsewhere: who sees them answered also sees the slot down.
        worker.Fault = exception.Message;
        GiveUpBatch(worker, exception.Message);
        worker.Batch.Clear();
    }

    /// <summary>Reports that a worker is lost, after the device removed it.</summary>
    public void OnWorkerLost(Worker worker) => WorkerLost?.Invoke(worker);

    private void RunBatch(Worker worker, long startUs, long filledUs)
    {
        var (batch, runner, metrics) = (worker.Batch, worker.Runner, worker.Runs.Metrics);
        var rows = batch.Count;
        if (worker.FaultInjected)
            throw new InvalidOperationException($"Injected fault on slot {worker.Slot}.");
        foreach (var item in batch)
            metrics.QueueUs.Record(item.EndWait(startUs));

        try
        {
            runner.Run(rows);
        }
        catch (ModelException fault) when (!fault.IsOfTheMachine)
        {
            metrics.Failed();
            if (runner.MaxBatch < rows)
                VariantHeld?.Invoke(worker);
            RunOneByOne(worker, fault);
            return;
        }

        var ranUs = clock.NowUs;
        for (var i = 0; i < rows; i++)
        {
            var item = batch[i];
            item.ComputedUs += ranUs - startUs;
            Deliver(worker, item, i);
            worker.Delivered++;
        }

        Account(worker, rows, startUs, filledUs, ranUs);
    }

    private void Account(Worker worker, int rows, long startUs, long filledUs, long ranUs)
    {
        worker.Runs.Metrics.Ran(rows, filledUs - startUs, ranUs - filledUs, clock.NowUs - ranUs);
        worker.Runs.Metrics.Touched(clock.Time.GetUtcNow().ToUnixTimeMilliseconds());
        // Rows of any size take any time: that says nothing about the machine.
        if (worker.Runner.IsSized)
            slowdown.Observe(ranUs - filledUs, worker.Runs.ProfiledLatency.LatencyUs(rows));
    }

    /// <summary>Fills the model's input. A row whose input does not fit fails its own query and leaves the batch to the others.</summary>
    private void FillRows(Worker worker)
    {
        var batch = worker.Batch;
        for (var row = 0; row < batch.Count;)
        {
            try
            {
                worker.Runner.Fill(row, batch[row]);
                row++;
            }
            catch (Exception exception)
            {
                worker.Runs.Metrics.Refused();
                batch[row].Scope.Fail(OutcomeOf(exception), exception.Message);
                Leave(worker, row);
            }
        }
    }

    /// <summary>Returns the outcome for a row that cannot be filled: the query's fault where its input was checked and refused.</summary>
    private static QueryOutcome OutcomeOf(Exception exception) => exception switch
    {
        ImageFormatException => QueryOutcome.Malformed,
        ModelException or FormatException or ArgumentException => QueryOutcome.Invalid,
        _ => QueryOutcome.Failed,
    };

    private void Deliver(Worker worker, StageItem item, int row)
    {
        if (item.Scope is DirectQuery direct)
        {
            worker.Runner.ReadRaw(row, direct, item.ParentRow);
            direct.Report(item, [], null, 0);
            worker.Runs.Metrics.Served();
        }
        else
        {
            ReadAndForward(worker, item, row);
        }

        Settle(worker.Pool.Receiver.CompleteAsync(item, CancellationToken.None));
        item.Scope.Release();
    }

    private void ReadAndForward(Worker worker, StageItem item, int row)
    {
        var (metrics, variant) = (worker.Runs.Metrics, worker.Runs.Key.Variant);
        OutputRow[] output;
        RowTensor? tensor;
        bool areNumbers;
        try
        {
            areNumbers = worker.Runner.TryRead(row, out output, out tensor);
            if (areNumbers && item.Scope.WantsProbabilities)
                tensor ??= worker.Runner.ReadProbabilities(row);
        }
        catch (ModelException exception)
        {
            // That says nothing about whether the variant answers numbers.
            metrics.RowFailed();
            item.Scope.Fail(QueryOutcome.Failed, $"The answer of variant {variant} cannot be read: {exception.Message}");
            return;
        }

        if (areNumbers)
        {
            forwarder.Forward(item, output, tensor);
            metrics.Served();
            worker.Runs.Outputs.Saw(areNumbers: true);
        }
        else if (Inputs.HasNoNumbers(item.Scope.Input))
        {
            metrics.Refused();
            item.Scope.Fail(QueryOutcome.Invalid, $"The query's input holds values that are not numbers (NaN or infinite), and variant {variant} answers such.");
        }
        else
        {
            metrics.NonFinite();
            item.Scope.Fail(QueryOutcome.Failed, $"Variant {variant} answered with values that are not numbers (NaN or infinite).");
            if (worker.Runs.Outputs.Saw(areNumbers: false))
                VariantUnfit?.Invoke(worker);
        }
    }

    private void RerouteOrDropLate(Worker worker, long nowUs)
    {
        for (var i = 0; i < worker.Batch.Count;)
        {
            if (IsLate(worker, worker.Batch[i], nowUs))
                Leave(worker, i);
            else
                i++;
        }
    }

    /// <summary>Tests whether the row must not run here, because it was sent elsewhere or its query has ended.</summary>
    private bool IsLate(Worker worker, StageItem item, long nowUs)
    {
        var singleUs = worker.Pool.SingleUs;
        var belowUs = item.Scope is DirectQuery ? 0 : worker.Pool.Route?.MinBelowUs ?? 0;
        if (item.Scope.HasEnded)
            return true;
        try
        {
            var fate = new LateRow(item.Scope.ArrivalUs, item.Scope.DeadlineUs, singleUs, belowUs, item.ParentTask < 0)
                .Decide(nowUs, rescues: true, drops: true, new Row(forwarder, item));
            if (fate == RowFate.Runs)
                return false;
            if (fate == RowFate.Dropped)
            {
                worker.Runs.Metrics.Dropped();
                item.Scope.Fail(QueryOutcome.Expired, "No path could answer any more before the deadline.");
            }
        }
        catch (Exception exception)
        {
            // Whether it was sent or not: only this query pays.
            worker.Runs.Metrics.RowFailed();
            item.Scope.Fail(QueryOutcome.Failed, exception.Message);
        }

        return true;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Row(IForwarder forwarder, StageItem item) : ILateRow
    {
        public bool TrySendToFastest() => forwarder.TryRerouteToFastest(item);

        public bool TrySendToTimely() => forwarder.TryReroute(item);
    }

    /// <summary>Removes a row from the batch before another fault can occur, so that it is not handed on twice.</summary>
    private void Leave(Worker worker, int row)
    {
        var item = worker.Batch[row];
        worker.Batch.RemoveAt(row);
        Settle(worker.Pool.Receiver.CompleteAsync(item, CancellationToken.None));
        item.Scope.Release();
    }

    /// <summary>Retries each row of a failed batch once elsewhere, if time allows; else fails it with the cause.</summary>
    private void GiveUpBatch(Worker worker, string cause)
    {
        // In its queue a row is the queue's variant's again.
        PoolResidents.Relabel(worker.Batch.Skip(worker.Delivered), worker.Runs, worker.Pool);
        foreach (var item in worker.Batch.Skip(worker.Delivered))
        {
            if (item.Attempts + 1 < MaxAttempts && !item.Scope.HasEnded)
            {
                item.EndWait(clock.NowUs);
                Settle(worker.Pool.Receiver.AbandonAsync(item, CancellationToken.None));
                continue;
            }

            worker.Runs.Metrics.RowFailed();
            item.Scope.Fail(QueryOutcome.Failed, $"Variant {worker.Runs.Key.Variant} failed twice: {cause}");
            Settle(worker.Pool.Receiver.CompleteAsync(item, CancellationToken.None));
            item.Scope.Release();
        }
    }

    /// <summary>Waits for a queue's confirmation only where it has completed: in process it always has, and a compute thread must not wait
    /// for a remote queue.</summary>
    private void Settle(ValueTask settling)
    {
        if (!settling.IsCompletedSuccessfully)
            _ = settling.AsTask().ContinueWith(
                t => logger.SettleFailed(t.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
