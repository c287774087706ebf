using ServerlessLoki.Forecasting;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Queries from arrival to end.</summary>
internal sealed partial class Engine
{
    private int _pending;
    private int _maxPending;
    private TimeIntegral _pendingTime;
    private long _sequence;

    /// <summary>Interval at which the embedded host looks for queries past their deadline, microseconds.</summary>
    private const long ExpiryIntervalUs = 10_000;
    private long _expiryUs = long.MaxValue;

    // No pending query is due before this moment, so looking for expired ones is vain.
    private long _sweepUs;

    private void Arrive()
    {
        var arrival = _arrival;
        _lastArrivalUs = _nowUs;
        ReadArrival();
        Come(arrival, ClientTicket.Nobody);
    }

    private void Ask()
    {
        if (_clients!.Take(_nowUs) is not { } turn)
            return;
        Come(turn.Arrival, turn.Ticket);
    }

    private void Come(in Arrival arrival, ClientTicket ticket)
    {
        if (_cores is null || _beforeUs == 0)
        {
            Enter(arrival, ticket);
            return;
        }

        _reading.Enqueue((arrival, ticket));
        StartJob(ReadJob, _beforeUs);
    }

    /// <summary>Handles a query that arrives at the ingress.</summary>
    private void Enter(in Arrival arrival, ClientTicket ticket)
    {
        var sequence = _sequence++;
        var pipeline = _cluster.Pipelines[arrival.Pipeline].Pipeline;
        _arrivals[arrival.Pipeline]++;
        _history?.Add(in arrival);
        _second.Arrivals++;
        var deadlineUs = _nowUs + (arrival.LatencyUs ?? pipeline.SloUs);
        var key = ItemKeys.Root(_seed, (ulong)sequence);
        var (variant, refusal) = _options.Admission == AdmissionRule.All
            ? new AdmissionDecision(Math.Max(0, _table.ChooseRoot(arrival.Pipeline, HashRandom.Unit(key), arrival.MinAccuracy)), AdmissionRefusal.None)
            : Admit(arrival, deadlineUs, key);
        var stage = variant < 0 ? -1 : _stageBase[arrival.Pipeline][0] + variant;
        _problem.OnDecision?.Invoke(new SimulatedDecision(
            _nowUs, stage < 0 ? KindOf(refusal) : DecisionKind.Admitted, sequence, arrival.Pipeline, 0, variant, key));
        if (stage < 0)
        {
            Refuse(sequence, arrival, deadlineUs, ticket);
            return;
        }

        var q = NewQuery();
        ref var query = ref _queries[q];
        query.Sequence = sequence;
        query.Ticket = ticket;
        query.SentUs = arrival.AtUs;
        query.ArrivalUs = _nowUs;
        query.DeadlineUs = deadlineUs;
        query.AccuracySum = 0;
        query.MinAccuracy = arrival.MinAccuracy;
        _asksAccuracy |= arrival.MinAccuracy > 0;
        query.Path = 0;
        query.Pipeline = arrival.Pipeline;
        query.Rows = 1;
        query.Leaves = 0;
        query.RootVariant = variant;
        query.Record = arrival.Record ?? -1;
        query.HasEnded = false;
        query.IsUnanswered = _unanswered is not null;
        _unanswered?.Add(arrival.Pipeline);
        query.IsPatient = arrival.LatencyUs > pipeline.SloUs;
        query.IsMeasured = arrival.AtUs >= _warmUpUs;
        _sweepUs = Math.Min(_sweepUs, deadlineUs);
        if (_options.MeasuredAdmission && _expiryUs == long.MaxValue)
            _expiryUs = NextExpiryUs;
        _pendingTime.Add(_nowUs, 1);
        _maxPending = Math.Max(_maxPending, ++_pending);
        var r = NewRow();
        ref var row = ref _rows[r];
        row.Key = key;
        row.Accuracy = _stages[stage].Accuracy;
        row.Query = q;
        row.Stage = stage;
        row.Attempts = 0;
        row.Scope = -1;
        Send(r);
        RunTouched();
    }

    /// <summary>Puts a row into the queue of its stage, now or after the hop.</summary>
    private void Send(int row)
    {
        if (_problem.OnDecision is not null)
            Note(DecisionKind.Sent, row);
        if (_hopUs > 0)
            _hops.Add(_nowUs + _hopUs, row);
        else
            Enqueue(row);
    }

    private void Deliver()
    {
        Enqueue(_hops.Take());
        // Rows that come together are seen together.
        while (_hops.NextUs == _nowUs)
        {
            _events++;
            Enqueue(_hops.Take());
        }

        RunTouched();
    }

    private void Enqueue(int r)
    {
        ref var row = ref _rows[r];
        var stage = _stages[row.Stage];
        ref readonly var query = ref _queries[row.Query];
        stage.Queue.Add(query.DeadlineUs, r);
        foreach (var pool in stage.Pools)
            pool.Device.WorkNs += pool.RowCostNs;
        Touch(stage);
    }

    private void ReportLeaf(int r)
    {
        ref readonly var row = ref _rows[r];
        var q = row.Query;
        ref var query = ref _queries[q];
        query.AccuracySum += row.Accuracy;
        query.Leaves++;
        var onTime = _nowUs <= query.DeadlineUs && !query.HasEnded;
        if (query.IsMeasured)
        {
            var tally = _tallies[query.Pipeline];
            if (onTime)
            {
                tally.LeavesOnTime++;
                tally.LeafAccuracySum += row.Accuracy;
            }
            else
            {
                tally.LeavesLost++;
            }
        }

        FreeRow(r);
        EndRow(q);
    }

    /// <summary>Ends one row of a query; the last one ends the query, unless that has ended.</summary>
    private void EndRow(int q)
    {
        ref var query = ref _queries[q];
        if (--query.Rows > 0)
            return;
        if (!query.HasEnded)
            End(q, _nowUs <= query.DeadlineUs ? SimulatedOutcome.OnTime : SimulatedOutcome.Late, _nowUs);
        FreeQuery(q);
    }

    private void End(int q, SimulatedOutcome outcome, long atUs)
    {
        ref var query = ref _queries[q];
        query.HasEnded = true;
        Answered(ref query);
        _pending--;
        _pendingTime.Add(_nowUs, -1);
        if (atUs < _nowUs)
            _pendingTime.Correct(atUs - _nowUs);
        var accuracy = outcome <= SimulatedOutcome.Late ? query.AccuracySum / query.Leaves : 0;
        if (_margins.Length > 0 && outcome <= SimulatedOutcome.Expired)
        {
            _margins[query.Pipeline].Observe(
                query.DeadlineUs - query.ArrivalUs, query.DeadlineUs, outcome != SimulatedOutcome.OnTime, _cluster.Pipelines[query.Pipeline].Pipeline.SloUs,
                _leastUs[query.Pipeline], _nowUs);
        }

        if (_periods.Length > 0)
            _periods[query.Pipeline].Ended(outcome, atUs - query.ArrivalUs, query.IsPatient);
        Answer(
            new QueryRecord(
                query.Sequence, query.Pipeline, query.SentUs, query.DeadlineUs, atUs, outcome, accuracy, query.Leaves, query.RootVariant, query.Path),
            query.IsMeasured, query.Ticket);
    }

    /// <summary>Ends every query past its deadline. Only the limit on pending queries needs this at the exact moment.</summary>
    private void ExpireDue()
    {
        if (_nowUs <= _sweepUs || _options.Drop != DropRule.EveryTask)
            return;
        _sweepUs = long.MaxValue;
        for (var q = 0; q < _queriesUsed; q++)
        {
            ref var query = ref _queries[q];
            if (query.HasEnded)
                continue;
            if (query.DeadlineUs < _nowUs)
                End(q, SimulatedOutcome.Expired, query.DeadlineUs);
            else
                _sweepUs = Math.Min(_sweepUs, query.DeadlineUs);
        }
    }

    private void ExpireNow()
    {
        ExpireDue();
        _expiryUs = _pending > 0 ? NextExpiryUs : long.MaxValue;
    }

    private long NextExpiryUs => ((_nowUs / ExpiryIntervalUs) + 1) * ExpiryIntervalUs;

    private void GiveUpPending()
    {
        ExpireDue();
        for (var q = 0; q < _queriesUsed; q++)
        {
            if (!_queries[q].HasEnded)
                End(q, SimulatedOutcome.Unfinished, _nowUs);
        }
    }

    /// <summary>Ends a row without a result.</summary>
    private void Release(int r)
    {
        var (q, scope) = (_rows[r].Query, _rows[r].Scope);
        var stage = _stages[_rows[r].Stage];
        Hold(scope);
        FreeRow(r);
        if (_queries[q].IsMeasured)
            _tallies[_queries[q].Pipeline].LeavesLost++;
        if (scope >= 0)
            Leave(scope, stage.Task, stage.JoinGraph!);
        Drop(scope);
        EndRow(q);
    }
}
