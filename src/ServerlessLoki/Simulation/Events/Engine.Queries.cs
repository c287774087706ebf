using ServerlessLoki.Batching;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Rules;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>A query's way: admission, fan-out, end.</summary>
internal sealed partial class Engine
{
    private const ulong ShedSalt = 0xD1B54A32D192ED03UL;
    private const ulong EdgeSalt = 0x8CB92BA72F3D8DD7UL;

    private QueryState[] _queries = new QueryState[256];
    private RowState[] _rows = new RowState[1024];
    private int _freeQuery = -1;
    private int _freeRow = -1;
    private int _queriesUsed;
    private int _rowsUsed;
    private int _pending;
    private int _maxPending;
    private TimeIntegral _pendingTime;
    private long _sequence;

    // No pending query is due before this moment, so looking for expired ones is vain.
    private long _sweepUs;

    private void Arrive()
    {
        var arrival = _arrival;
        _lastArrivalUs = _nowUs;
        ReadArrival();
        var sequence = _sequence++;
        var pipeline = _cluster.Pipelines[arrival.Pipeline].Pipeline;
        _watches[arrival.Pipeline].Arrivals++;
        _second.Arrivals++;
        var deadlineUs = _nowUs + Math.Min(pipeline.SloUs, arrival.LatencyUs ?? long.MaxValue);
        var key = HashRandom.Mix(((ulong)sequence * HashRandom.Golden) + _seed);
        var variant = _options.Admission == AdmissionRule.All
            ? Math.Max(0, _table.ChooseRoot(arrival.Pipeline, HashRandom.Unit(key), arrival.MinAccuracy))
            : Admit(arrival, deadlineUs, key);
        var stage = variant < 0 ? -1 : _stageBase[arrival.Pipeline][0] + variant;
        if (stage < 0)
        {
            Refuse(sequence, arrival.Pipeline, deadlineUs);
            return;
        }

        var q = NewQuery();
        ref var query = ref _queries[q];
        query.Sequence = sequence;
        query.ArrivalUs = _nowUs;
        query.DeadlineUs = deadlineUs;
        query.AccuracySum = 0;
        query.MinAccuracy = arrival.MinAccuracy;
        query.Path = 0;
        query.Pipeline = arrival.Pipeline;
        query.Rows = 1;
        query.Leaves = 0;
        query.RootVariant = variant;
        query.HasEnded = false;
        query.IsMeasured = _nowUs >= _warmUpUs;
        _sweepUs = Math.Min(_sweepUs, deadlineUs);
        _pendingTime.Add(_nowUs, 1);
        _maxPending = Math.Max(_maxPending, ++_pending);
        var r = NewRow();
        ref var row = ref _rows[r];
        row.Key = key;
        row.Accuracy = _stages[stage].Accuracy;
        row.Query = q;
        row.Stage = stage;
        row.Attempts = 0;
        Send(r);
        RunTouched();
    }

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
        var below = _table.BestAccuracyBelow(p, 0);
        var sharedUs = SharedBacklogUs();
        if (planned >= 0 && _table.ServedShare(p) < 1 && BacklogUs(p, planned, sharedUs) > 0
            && HashRandom.Unit(HashRandom.Mix(key + ShedSalt)) >= _table.ServedShare(p))
        {
            return -1;
        }

        var slackUs = deadlineUs - _nowUs - (double)_hopUs;
        var comfortUs = slackUs * _options.ComfortShare;
        var (comfortable, possible) = (-1, -1);
        foreach (ref readonly var option in _table.Options(p, 0))
        {
            if (option.Accuracy * below < arrival.MinAccuracy - 1e-9)
                continue;
            var backlogUs = BacklogUs(p, option.Variant, sharedUs);
            var fits = StageBudgets.Safety * (option.LatencyUs + option.PlannedBelowUs) <= comfortUs - backlogUs;
            if (fits && option.Variant == planned)
                return planned;
            if (fits && comfortable < 0)
                comfortable = option.Variant;
            if (option.SingleUs + option.MinBelowUs <= slackUs - backlogUs)
                possible = option.Variant;
        }

        // Most accurate first: the best that fits with room to queue, else the fastest that fits at all.
        return comfortable >= 0 ? comfortable : possible;
    }

    /// <summary>Compute time of all that waits on devices whose slots take turns, per thread; the worst device counts.</summary>
    private double SharedBacklogUs()
    {
        var worst = 0.0;
        foreach (var device in _devices)
        {
            if (device.IsShared)
                worst = Math.Max(worst, device.WorkNs / (1000.0 * device.Threads));
        }

        return worst;
    }

    /// <summary>What a query has before it. Where each slot has its device to itself, only the root variant's own queue counts:
    /// the work of others does not stand in its way.</summary>
    private double BacklogUs(int pipeline, int variant, double sharedUs)
    {
        var stage = _stages[_stageBase[pipeline][0] + variant];
        return stage.IsDedicated && stage.RowsPerUs > 0 ? Math.Max(sharedUs, stage.Queue.Count / stage.RowsPerUs) : sharedUs;
    }

    /// <summary>Into the queue of its stage, now or after the hop.</summary>
    private void Send(int row)
    {
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
        stage.Queue.Add(_queries[row.Query].DeadlineUs, r);
        foreach (var pool in stage.Pools)
            pool.Device.WorkNs += pool.RowCostNs;
        if (stage.IsTouched)
            return;
        stage.IsTouched = true;
        if (_touchedCount == _touched.Length)
            Array.Resize(ref _touched, 2 * _touchedCount);
        _touched[_touchedCount++] = stage;
    }

    /// <summary>A row left its batch: it ends as a leaf result or becomes its children.</summary>
    private void Forward(int r)
    {
        ref var row = ref _rows[r];
        var stage = _stages[row.Stage];
        var q = row.Query;
        ref var query = ref _queries[q];
        if (query.HasEnded)
        {
            Release(r);
            return;
        }

        query.Path |= stage.PathBit;
        if (stage.Outgoing.Length == 0)
        {
            ReportLeaf(r);
            return;
        }

        if (_options.Drop == DropRule.EveryTask && _nowUs > query.DeadlineUs)
        {
            End(q, SimulatedOutcome.Expired, query.DeadlineUs);
            Release(r);
            return;
        }

        if (!FanOut(r, stage, out var first, out var count))
        {
            End(q, SimulatedOutcome.Expired, _nowUs);
            Release(r);
            return;
        }

        if (count == 0)
        {
            ReportLeaf(r);
            return;
        }

        _queries[q].Rows += count;
        _events += _hopUs > 0 ? 0 : count;
        while (first >= 0)
        {
            var next = _rows[first].Next;
            Send(first);
            first = next;
        }

        // The last reference to a live query is never its parent's: the children hold it.
        FreeRow(r);
        _queries[q].Rows--;
    }

    /// <summary>Makes and routes all children of a row, linked; false (and none made) when one has no way left.</summary>
    private bool FanOut(int parent, Stage stage, out int first, out int count)
    {
        first = -1;
        count = 0;
        var last = -1;
        var failed = false;
        foreach (var edge in stage.Outgoing)
        {
            var parentKey = _rows[parent].Key;
            var edgeKey = HashRandom.Mix(parentKey + ((ulong)(edge.Edge + 1) * EdgeSalt));
            var children = FanOutSampler.Draw(_options.FanOut, edge.Mean, HashRandom.Unit(edgeKey));
            edge.Parents++;
            edge.Children += children;
            for (var i = 0; i < children && !failed; i++)
            {
                var key = HashRandom.Mix(edgeKey + ((ulong)(i + 1) * HashRandom.Golden));
                var variant = ChooseChild(parent, stage, edge, HashRandom.Unit(key));
                if (variant < 0)
                {
                    failed = true;
                    break;
                }

                var c = NewRow();
                ref var child = ref _rows[c];
                child.Key = key;
                child.Query = _rows[parent].Query;
                child.Stage = edge.ChildBase + variant;
                child.Accuracy = _rows[parent].Accuracy * _stages[child.Stage].Accuracy;
                child.Attempts = 0;
                child.Next = -1;
                if (last < 0)
                    first = c;
                else
                    _rows[last].Next = c;
                last = c;
                count++;
            }
        }

        if (!failed)
            return true;
        while (first >= 0)
        {
            var next = _rows[first].Next;
            FreeRow(first);
            first = next;
        }

        return false;
    }

    private int ChooseChild(int parent, Stage stage, OutEdge edge, double u)
    {
        ref readonly var query = ref _queries[_rows[parent].Query];
        var needed = query.MinAccuracy <= 0 ? 0 : query.MinAccuracy / _rows[parent].Accuracy;
        var planned = _table.ChooseChild(stage.Pipeline, edge.Edge, stage.Variant, u, needed);
        if (planned < 0)
            planned = FirstFitting(stage.Pipeline, edge.ChildTask, needed);
        if (planned < 0 || !_options.Reroute)
            return planned;
        var chosen = Rerouting.Choose(
            _table, stage.Pipeline, edge.Edge, stage.Variant, planned, query.DeadlineUs - _nowUs - _hopUs, needed);
        return chosen < 0 && _options.Drop != DropRule.EveryTask ? planned : chosen;
    }

    /// <summary>Sends a row that its own variant would serve too late to a faster one; false if none can make it.</summary>
    private bool TryReroute(int r, Stage stage)
    {
        if (!_options.Reroute)
            return false;
        ref var row = ref _rows[r];
        ref readonly var query = ref _queries[row.Query];
        var slackUs = query.DeadlineUs - _nowUs - _hopUs;
        var needed = query.MinAccuracy * stage.Accuracy / row.Accuracy;
        foreach (ref readonly var option in _table.Options(stage.Pipeline, stage.Task))
        {
            if (option.Variant == stage.Variant || option.SingleUs + option.MinBelowUs > slackUs
                || option.Accuracy * _table.BestAccuracyBelow(stage.Pipeline, stage.Task) < needed - 1e-9)
            {
                continue;
            }

            row.Stage = _stageBase[stage.Pipeline][stage.Task] + option.Variant;
            row.Accuracy = row.Accuracy / stage.Accuracy * option.Accuracy;
            Send(r);
            return true;
        }

        return false;
    }

    /// <summary>For a parent whose variant the new plan no longer knows: the most accurate variant with room.</summary>
    private int FirstFitting(int pipeline, int task, double minAccuracy)
    {
        var best = -1;
        foreach (ref readonly var option in _table.Options(pipeline, task))
        {
            if (option.Accuracy * _table.BestAccuracyBelow(pipeline, task) < minAccuracy)
                continue;
            if (option.SpareQps > 0)
                return option.Variant;
            best = best < 0 ? option.Variant : best;
        }

        return best;
    }

    private void ReportLeaf(int r)
    {
        ref readonly var row = ref _rows[r];
        var q = row.Query;
        ref var query = ref _queries[q];
        query.AccuracySum += row.Accuracy;
        query.Leaves++;
        var onTime = _nowUs <= query.DeadlineUs;
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
        if (--query.Rows > 0)
            return;
        End(q, onTime ? SimulatedOutcome.OnTime : SimulatedOutcome.Late, _nowUs);
        FreeQuery(q);
    }

    private void End(int q, SimulatedOutcome outcome, long atUs)
    {
        ref var query = ref _queries[q];
        query.HasEnded = true;
        _pending--;
        _pendingTime.Add(_nowUs, -1);
        if (atUs < _nowUs)
            _pendingTime.Correct(atUs - _nowUs);
        var accuracy = outcome <= SimulatedOutcome.Late ? query.AccuracySum / query.Leaves : 0;
        var latencyUs = atUs - query.ArrivalUs;
        _second.Ended(outcome, latencyUs, accuracy);
        if (query.IsMeasured)
            _tallies[query.Pipeline].Ended(outcome, latencyUs, accuracy);
        _problem.OnQuery?.Invoke(new QueryRecord(
            query.Sequence, query.Pipeline, query.ArrivalUs, query.DeadlineUs, atUs, outcome, accuracy, query.Leaves, query.RootVariant, query.Path));
    }

    private void Refuse(long sequence, int pipeline, long deadlineUs)
    {
        _second.Ended(SimulatedOutcome.Rejected, 0, 0);
        if (_nowUs >= _warmUpUs)
        {
            _tallies[pipeline].Ended(SimulatedOutcome.Rejected, 0, 0);
            _tallies[pipeline].LeavesLost++;
        }

        _problem.OnQuery?.Invoke(new QueryRecord(
            sequence, pipeline, _nowUs, deadlineUs, _nowUs, SimulatedOutcome.Rejected, 0, 0, -1, 0));
    }

    /// <summary>Ends every query whose deadline has passed; only the limit on pending queries needs it at that very moment.</summary>
    private void ExpireDue()
    {
        if (_nowUs < _sweepUs || _options.Drop != DropRule.EveryTask)
            return;
        _sweepUs = long.MaxValue;
        for (var q = 0; q < _queriesUsed; q++)
        {
            ref var query = ref _queries[q];
            if (query.HasEnded)
                continue;
            if (query.DeadlineUs <= _nowUs)
                End(q, SimulatedOutcome.Expired, query.DeadlineUs);
            else
                _sweepUs = Math.Min(_sweepUs, query.DeadlineUs);
        }
    }

    private void GiveUpPending()
    {
        ExpireDue();
        for (var q = 0; q < _queriesUsed; q++)
        {
            if (!_queries[q].HasEnded)
                End(q, SimulatedOutcome.Unfinished, _nowUs);
        }
    }

    /// <summary>A row ends without a result.</summary>
    private void Release(int r)
    {
        var q = _rows[r].Query;
        FreeRow(r);
        ref var query = ref _queries[q];
        if (query.IsMeasured)
            _tallies[query.Pipeline].LeavesLost++;
        if (--query.Rows == 0)
            FreeQuery(q);
    }

    private int NewQuery()
    {
        if (_freeQuery >= 0)
        {
            var q = _freeQuery;
            _freeQuery = _queries[q].Rows;
            return q;
        }

        if (_queriesUsed == _queries.Length)
            Array.Resize(ref _queries, 2 * _queriesUsed);
        return _queriesUsed++;
    }

    private void FreeQuery(int q)
    {
        _queries[q].Rows = _freeQuery;
        _freeQuery = q;
    }

    private int NewRow()
    {
        if (_freeRow >= 0)
        {
            var r = _freeRow;
            _freeRow = _rows[r].Next;
            return r;
        }

        if (_rowsUsed == _rows.Length)
            Array.Resize(ref _rows, 2 * _rowsUsed);
        return _rowsUsed++;
    }

    private void FreeRow(int r)
    {
        _rows[r].Next = _freeRow;
        _freeRow = r;
    }
}
