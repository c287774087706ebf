using ServerlessLoki.Forecasting;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Admission of queries at the ingress.</summary>
internal sealed partial class Engine
{
    /// <summary>Least retry time, microseconds: the host sends whole milliseconds, at least one.</summary>
    private const long LeastRetryUs = 1000;

    /// <summary>Decides about a query like the host: bounds, waiting work, shares of several pipelines.</summary>
    private AdmissionDecision Admit(in Arrival arrival, long deadlineUs, ulong key)
    {
        var p = arrival.Pipeline;
        var keptUs = _margins.Length > 0 ? (long)(_margins[p].ShareAt(_nowUs) * (deadlineUs - _nowUs)) : 0;
        var query = new AdmissionQuery(p, HashRandom.Unit(key), arrival.MinAccuracy, deadlineUs - _nowUs - (double)_hopUs, keptUs, _options.ComfortShare);
        if (_unanswered is not null)
            return Admission.Decide(_table, query, IsFull(), new UnseenBacklog(_unanswered, _costs, p));
        return Admission.Decide(_table, query, IsFull(), new Backlog(this, p, deadlineUs, SharedBacklogUs(deadlineUs), WaitBelowUs(p, deadlineUs)));
    }

    private bool IsFull()
    {
        if (_options.MaxPending is not { } most || _pending < most)
            return false;
        // Where nobody looks for what is due, it is looked for now.
        if (!_options.MeasuredAdmission)
            ExpireDue();
        return _pending >= most;
    }

    private static DecisionKind KindOf(AdmissionRefusal refusal) => refusal switch
    {
        AdmissionRefusal.TooLate => DecisionKind.RefusedAsLate,
        AdmissionRefusal.GivesWay => DecisionKind.RefusedForOthers,
        _ => DecisionKind.Refused,
    };

    private (double AllUs, double OwnUs) Shared(int pipeline)
    {
        var untilUs = _nowUs + _longestSloUs;
        var (allUs, ownUs) = (0.0, 0.0);
        foreach (var device in _devices)
        {
            if (!device.IsShared || (device.WorkNs == 0 && !_options.MeasuredAdmission))
                continue;
            var (all, own) = (0L, 0L);
            foreach (var stage in _stages)
            {
                var rows = stage.CountBefore(untilUs);
                foreach (var pool in stage.Pools)
                {
                    var work = pool.Device == device ? rows * pool.RowCostNs : 0;
                    all += work;
                    own += stage.Pipeline == pipeline ? work : 0;
                }
            }

            all += InHandNs(device, null);
            own += InHandNs(device, pipeline);
            var us = WaitingWork.Us(all, device.Drift.Factor, device.Threads);
            if (us > allUs)
                (allUs, ownUs) = (us, WaitingWork.Us(own, device.Drift.Factor, device.Threads));
        }

        return (allUs, ownUs);
    }

    private readonly struct Backlog(Engine engine, int pipeline, long deadlineUs, double sharedUs, double belowUs) : IBacklog
    {
        public bool IsEmpty => sharedUs <= 0;

        public (double AllUs, double OwnUs) Shared() => engine.Shared(pipeline);

        public double BeforeUs(int variant) => Math.Max(Math.Max(sharedUs, belowUs), engine.OwnBacklogUs(pipeline, variant, deadlineUs));
    }

    /// <summary>Computes the work that is due before a query on devices whose slots take turns, per thread, microseconds; the largest of
    /// all devices.</summary>
    private double SharedBacklogUs(long deadlineUs)
    {
        var worst = 0.0;
        foreach (var device in _devices)
        {
            if (device.IsShared)
                worst = Math.Max(worst, WaitingWork.Us(device.WorkNs - LaterWorkNs(device, deadlineUs) + InHandNs(device, null), device.Drift.Factor, device.Threads));
        }

        return worst;
    }

    /// <summary>Computes the remaining work of the running batches, nanoseconds; 0 where admission does not count them.</summary>
    private long InHandNs(Device device, int? pipeline)
    {
        var workNs = 0L;
        for (var w = _options.MeasuredAdmission && device.FreeThreads < device.Threads ? _workersUsed - 1 : -1; w >= 0; w--)
        {
            var worker = _workers[w];
            if (worker.IsBusy && worker.Pool.Device == device && (pipeline is null || worker.Pool.Stage.Pipeline == pipeline))
                workNs += WaitingWork.InHandNs(worker.Runs.Latency, worker.StartedUs, worker.Rows, worker.Pool.BelowCostNs, _nowUs);
        }

        return workNs;
    }

    /// <summary>Computes the work that is due after a query, which does not delay that query, nanoseconds.</summary>
    private long LaterWorkNs(Device device, long deadlineUs)
    {
        if (device.WorkNs == 0)
            return 0;
        var laterNs = 0L;
        foreach (var stage in _stages)
        {
            if (stage.Queue.CountAfter(deadlineUs) is not (> 0 and var later))
                continue;
            foreach (var pool in stage.Pools)
                laterNs += pool.Device == device ? later * pool.RowCostNs : 0;
        }

        return laterNs;
    }

    /// <summary>Computes the work before a query at the root where each slot has its device to itself, microseconds: the queue of the
    /// query's variant. Other work does not delay the query.</summary>
    private double OwnBacklogUs(int pipeline, int variant, long deadlineUs)
    {
        var stage = _stages[_stageBase[pipeline][0] + variant];
        return stage.IsDedicated && stage.RowsPerUs > 0 ? stage.CountBefore(deadlineUs) / stage.RowsPerUs : 0;
    }

    /// <summary>Computes the longest wait at a later task whose slots have their devices to themselves, microseconds: all variants of a
    /// task share its waiting work.</summary>
    private double WaitBelowUs(int pipeline, long deadlineUs)
    {
        var worst = 0.0;
        var bases = _stageBase[pipeline];
        for (var t = 1; t < bases.Length; t++)
        {
            var (rows, rowsPerUs) = (0, 0.0);
            for (var s = bases[t]; s < bases[t] + _cluster.Pipelines[pipeline].Pipeline.Tasks[t].Variants.Length; s++)
            {
                if (!_stages[s].IsDedicated || !(_stages[s].RowsPerUs > 0))
                    continue;
                rows += _stages[s].CountBefore(deadlineUs);
                rowsPerUs += _stages[s].RowsPerUs;
            }

            if (rows > 0)
                worst = Math.Max(worst, rows / rowsPerUs);
        }

        return worst;
    }

    /// <summary>Computes the time until a refused query may come back, microseconds: when all waiting work is done, like the
    /// host.</summary>
    private long RetryAfterUs(int pipeline) => _unanswered is { } unanswered
        ? Math.Max(LeastRetryUs, (long)Math.Max(unanswered.Us(_costs), _costs.PerQueryUs[pipeline]))
        : Math.Max(LeastRetryUs, (long)Math.Max(SharedBacklogUs(long.MaxValue), WaitAtRootUs(pipeline)));

    private double WaitAtRootUs(int pipeline)
    {
        var least = double.MaxValue;
        for (var v = 0; v < _cluster.Pipelines[pipeline].Pipeline.Root.Variants.Length; v++)
            least = _stages[_stageBase[pipeline][0] + v].RowsPerUs > 0 ? Math.Min(least, OwnBacklogUs(pipeline, v, long.MaxValue)) : least;
        return least == double.MaxValue ? 0 : least;
    }

    private void Refuse(long sequence, in Arrival arrival, long deadlineUs, ClientTicket ticket)
    {
        var isMeasured = arrival.AtUs >= _warmUpUs;
        _refused[arrival.Pipeline]++;
        if (_periods.Length > 0)
            _periods[arrival.Pipeline].Ended(SimulatedOutcome.Rejected, 0, isPatient: false);
        if (isMeasured)
            _tallies[arrival.Pipeline].LeavesLost++;
        Answer(
            new QueryRecord(sequence, arrival.Pipeline, arrival.AtUs, deadlineUs, _nowUs, SimulatedOutcome.Rejected, 0, 0, -1, 0),
            isMeasured, ticket, RetryAfterUs(arrival.Pipeline));
    }
}
