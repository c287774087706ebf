using System.Runtime.InteropServices;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Batches from start to end: the rows taken and given up, and the run time.</summary>
internal sealed partial class Engine
{
    private const ulong NoiseSalt = 0x8CB92BA72F3D8DD7UL;
    private readonly List<int> _ending = [];
    private long _batches;

    private void StartBatch(Pool pool, int rows)
    {
        var stage = pool.Stage;
        foreach (var each in stage.Pools)
            each.Device.WorkNs -= rows * each.RowCostNs;
        var minBelowUs = pool.HasRoute ? pool.Route.MinBelowUs : 0;
        var singleUs = SingleUs(pool);
        var drops = Drops(stage);
        var outlives = _options.Drop == DropRule.TwiceObjective;
        var rescues = _options.Reroute && _options.RescueStranded;
        int first = -1, last = -1, kept = 0;
        for (var i = 0; i < rows; i++)
        {
            var r = stage.Queue.Take();
            var q = _rows[r].Query;
            ref readonly var query = ref _queries[q];
            var fate = IsKnownToHaveEnded(q)
                ? RowFate.Runs
                : new LateRow(query.ArrivalUs, query.DeadlineUs, singleUs, minBelowUs, stage.Task == 0).Decide(_nowUs, rescues, drops, new TakenRow(this, r, stage));
            if (fate == RowFate.Sent)
                continue;
            if (fate == RowFate.Dropped && !query.HasEnded)
                End(q, SimulatedOutcome.Expired, Math.Min(_nowUs, query.DeadlineUs));
            else if (!query.HasEnded && outlives && _nowUs - query.DeadlineUs > query.DeadlineUs - query.ArrivalUs)
                End(q, SimulatedOutcome.Expired, _nowUs);

            if (fate == RowFate.Dropped || IsKnownToHaveEnded(q))
            {
                stage.RowsGivenUp++;
                if (_problem.OnDecision is not null)
                    Note(DecisionKind.Dropped, r);
                Release(r);
                continue;
            }

            if (last < 0)
                first = r;
            else
                _rows[last].Next = r;
            last = r;
            kept++;
        }

        pool.LastUsedUs = _nowUs;
        pool.Aimd?.Started();
        if (kept == 0)
            return;
        _rows[last].Next = -1;
        var runs = pool.Runs ?? pool;
        for (var r = _problem.OnDecision is null ? -1 : first; r >= 0; r = _rows[r].Next)
            Note(DecisionKind.Ran, r, kept, runs.Stage);
        runs.Stage.Batches++;
        runs.Stage.RowsServed += kept;
        var w = PopIdle(pool);
        var worker = _workers[w];
        worker.IsBusy = true;
        worker.FirstRow = first;
        pool.Device.FreeThreads--;
        pool.Device.Busy.Add(_nowUs, 1);
        var expectedUs = runs.Profiled.LatencyUs(kept);
        var actualUs = BatchUs(runs, runs.Real.LatencyUs(kept));
        (worker.Runs, worker.Batch, worker.StartedUs, worker.ExpectedUs, worker.Rows) = (runs, _batches, _nowUs, expectedUs, kept);
        if (_cores is not null && pool.Device.IsShared)
        {
            StartJob(w, actualUs);
            return;
        }

        _cycle.Slowdown.Observe(BatchTimes.Of(actualUs, Math.Max(1, Math.Round(expectedUs))));
        _heap.Set(WorkerActor(w), _nowUs + actualUs);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct TakenRow(Engine engine, int row, Stage stage) : ILateRow
    {
        public bool TrySendToFastest() => engine.TryRerouteToFastest(row, stage);

        public bool TrySendToTimely() => engine.TryReroute(row, stage);
    }

    private long BatchUs(Pool pool, double medianUs)
    {
        var us = medianUs * _options.Slowdown;
        _batches++;
        if (pool.Sigma > 0)
            us *= Math.Exp(pool.Sigma * HashRandom.Normal(HashRandom.Mix(_seed + ((ulong)_batches * NoiseSalt))));
        return Math.Max(1, (long)Math.Round(us));
    }

    /// <summary>Returns the time of the fastest single run that this queue's rows can get, microseconds.</summary>
    private static double SingleUs(Pool pool)
    {
        foreach (var other in pool.Stage.Pools)
        {
            if (other.Workers > 0)
                return Math.Min(other.SingleUs, pool.SingleUs);
        }

        return pool.SingleUs;
    }

    /// <summary>Ends a worker's batch and all others that end at the same moment, in order of their start, before what they send is
    /// processed.</summary>
    private void EndBatches(int first)
    {
        if (_heap.NextUs > _nowUs)
        {
            EndBatch(first);
            RunTouched();
            return;
        }

        _ending.Clear();
        _ending.Add(first);
        while (_heap.NextUs == _nowUs && _heap.NextActor >= FirstActor)
        {
            AddEnding(_heap.NextActor - FirstActor);
            _heap.Remove(_heap.NextActor);
        }

        foreach (var w in _ending)
            EndBatch(w);
        RunTouched();
    }

    // Few end at one moment.
    private void AddEnding(int w)
    {
        var at = _ending.Count;
        while (at > 0 && _workers[_ending[at - 1]].Batch > _workers[w].Batch)
            at--;
        _ending.Insert(at, w);
    }

    private void EndBatch(int w)
    {
        var worker = _workers[w];
        var pool = worker.Pool;
        var r = worker.FirstRow;
        worker.FirstRow = -1;
        pool.Aimd?.Ended(HasLate(r), pool.MaxBatch);
        if (worker.Runs != pool)
            Relabel(r, pool.Stage, worker.Runs.Stage);
        while (r >= 0)
        {
            var next = _rows[r].Next;
            Forward(r);
            r = next;
        }

        if (_options.MeasuredAdmission)
            pool.Device.Drift.Observe(_nowUs, _nowUs - worker.StartedUs, worker.Runs.Latency.LatencyUs(worker.Rows));
        FreeWorker(w);
        if (pool.Stage.Queue.Count > 0)
            Touch(pool.Stage);
    }

    private bool HasLate(int row)
    {
        for (var r = row; r >= 0; r = _rows[r].Next)
        {
            if (_nowUs > _queries[_rows[r].Query].DeadlineUs)
                return true;
        }

        return false;
    }
}
