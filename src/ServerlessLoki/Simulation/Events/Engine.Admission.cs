using ServerlessLoki.Forecasting;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>What the ingress takes in.</summary>
internal sealed partial class Engine
{
    /// <summary>The host says whole milliseconds, at least one.</summary>
    private const long LeastRetryUs = 1000;
    /// <summary>The host's admission: bounds, waiting work, shares of several pipelines. −1 = refused.</summary>
    private int Admit(in Arrival arrival, long deadlineUs, ulong key)
    {
        var p = arrival.Pipeline;
        if (deadlineUs - _nowUs < _table.MinRemainingUs(p, 0) || arrival.MinAccuracy > _table.BestAccuracy(p) + 1e-9)
            return -1;
        if (_options.MaxPending is { } most && _pending >= most)
        {
            ExpireDue();
            if (_pending >= most)
                return -1;
        }

        var slackUs = deadlineUs - _nowUs - (double)_hopUs;
        if (_table.IsRationed && GivesWay(p, slackUs))
            return -1;
        var planned = _table.ChooseRoot(p, HashRandom.Unit(key), arrival.MinAccuracy);
        var backlog = new Backlog(this, p, deadlineUs, SharedBacklogUs(deadlineUs), WaitBelowUs(p, deadlineUs));
        return Admission.ChooseRoot(_table, p, planned, arrival.MinAccuracy, slackUs, backlog, _options.ComfortShare);
    }

    private bool GivesWay(int pipeline, double slackUs)
    {
        var untilUs = _nowUs + _longestSloUs;
        var (allUs, ownUs) = (0.0, 0.0);
        foreach (var device in _devices)
        {
            if (!device.IsShared || device.WorkNs == 0)
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

            var us = all / (1000.0 * device.Threads);
            if (us > allUs)
                (allUs, ownUs) = (us, own / (1000.0 * device.Threads));
        }

        return Admission.GivesWay(_table, pipeline, slackUs, allUs, ownUs);
    }

    private readonly struct Backlog(Engine engine, int pipeline, long deadlineUs, double sharedUs, double belowUs) : IBacklog
    {
        public double BeforeUs(int variant) => Math.Max(Math.Max(sharedUs, belowUs), engine.OwnBacklogUs(pipeline, variant, deadlineUs));
    }

    /// <summary>Compute time of what is due before a query on devices whose slots take turns, per thread; the worst device counts.</summary>
    private double SharedBacklogUs(long deadlineUs)
    {
        var worst = 0.0;
        foreach (var device in _devices)
        {
            if (device.IsShared && device.WorkNs > 0)
                worst = Math.Max(worst, (device.WorkNs - LaterWorkNs(device, deadlineUs)) / (1000.0 * device.Threads));
        }

        return worst;
    }

    /// <summary>Work that is due after a query: it does not stand before that query.</summary>
    private long LaterWorkNs(Device device, long deadlineUs)
    {
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

    /// <summary>What a query has before it at the root where each slot has its device to itself: its variant's own queue. The work of
    /// others does not stand in its way.</summary>
    private double OwnBacklogUs(int pipeline, int variant, long deadlineUs)
    {
        var stage = _stages[_stageBase[pipeline][0] + variant];
        return stage.IsDedicated && stage.RowsPerUs > 0 ? stage.CountBefore(deadlineUs) / stage.RowsPerUs : 0;
    }

    /// <summary>The longest wait at a later task whose slots have their devices to themselves: all variants of a task take turns with what
    /// waits for it.</summary>
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

    /// <summary>When a refused query may come back, from now: when all that waits is done, as the host says it.</summary>
    private long RetryAfterUs(int pipeline) => Math.Max(LeastRetryUs, (long)Math.Max(SharedBacklogUs(long.MaxValue), WaitAtRootUs(pipeline)));

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
