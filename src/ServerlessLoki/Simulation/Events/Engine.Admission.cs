using ServerlessLoki.Batching;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>What the ingress takes in.</summary>
internal sealed partial class Engine
{
    private const ulong ShedSalt = 0xD1B54A32D192ED03UL;

    /// <summary>Rows of patient queries in all queues.</summary>
    private int _patientRows;

    /// <summary>The host's admission: bounds, shedding, waiting work. −1 = refused.</summary>
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

        var planned = _table.ChooseRoot(p, HashRandom.Unit(key), arrival.MinAccuracy);
        var sharedUs = SharedBacklogUs(deadlineUs);
        if (planned >= 0 && _table.ServedShare(p) < 1 && BacklogUs(p, planned, deadlineUs, sharedUs) > 0
            && HashRandom.Unit(HashRandom.Mix(key + ShedSalt)) >= _table.ServedShare(p))
        {
            return -1;
        }

        var slackUs = deadlineUs - _nowUs - (double)_hopUs;
        return Admission.ChooseRoot(_table, p, planned, arrival.MinAccuracy, slackUs, new Backlog(this, p, deadlineUs, sharedUs), _options.ComfortShare);
    }

    private readonly struct Backlog(Engine engine, int pipeline, long deadlineUs, double sharedUs) : IBacklog
    {
        public double BeforeUs(int variant) => engine.BacklogUs(pipeline, variant, deadlineUs, sharedUs);
    }

    /// <summary>Compute time of what waits before a query on devices whose slots take turns, per thread; the worst device counts.</summary>
    private double SharedBacklogUs(long deadlineUs)
    {
        var worst = 0.0;
        foreach (var device in _devices)
        {
            if (device.IsShared)
                worst = Math.Max(worst, (device.WorkNs - LaterWorkNs(device, deadlineUs)) / (1000.0 * device.Threads));
        }

        return worst;
    }

    /// <summary>Work of patient queries that are due after a query: it does not stand before that query.</summary>
    private long LaterWorkNs(Device device, long deadlineUs)
    {
        if (_patientRows == 0)
            return 0;
        var laterNs = 0L;
        foreach (var stage in _stages)
        {
            if (stage.Patient is not { Count: > 0 } patient)
                continue;
            var later = patient.CountAfter(deadlineUs);
            foreach (var pool in stage.Pools)
                laterNs += pool.Device == device ? later * pool.RowCostNs : 0;
        }

        return laterNs;
    }

    private void AddPatient(Stage stage, long deadlineUs)
    {
        (stage.Patient ??= new DueTimes()).Add(deadlineUs);
        _patientRows++;
    }

    private void RemovePatient(Stage stage)
    {
        stage.Patient!.RemoveFirst();
        _patientRows--;
    }

    /// <summary>What a query has before it. Where each slot has its device to itself, only the root variant's own queue counts:
    /// the work of others does not stand in its way.</summary>
    private double BacklogUs(int pipeline, int variant, long deadlineUs, double sharedUs)
    {
        var stage = _stages[_stageBase[pipeline][0] + variant];
        return stage.IsDedicated && stage.RowsPerUs > 0
            ? Math.Max(sharedUs, (stage.Queue.Count - (stage.Patient?.CountAfter(deadlineUs) ?? 0)) / stage.RowsPerUs)
            : sharedUs;
    }

    private void Refuse(long sequence, in Arrival arrival, long deadlineUs)
    {
        var isMeasured = arrival.AtUs >= _warmUpUs;
        if (_periods.Length > 0)
            _periods[arrival.Pipeline].Ended(SimulatedOutcome.Rejected, 0, isPatient: false);
        if (isMeasured)
            _tallies[arrival.Pipeline].LeavesLost++;
        Answer(
            new QueryRecord(sequence, arrival.Pipeline, arrival.AtUs, deadlineUs, _nowUs, SimulatedOutcome.Rejected, 0, 0, -1, 0), isMeasured);
    }
}
