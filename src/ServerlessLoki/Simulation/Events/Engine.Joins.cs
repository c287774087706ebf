using ServerlessLoki.Pipelines;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Joins of branches: a join runs once for each item, when everything that the item led to has arrived or ended.</summary>
internal sealed partial class Engine
{
    private JoinState[] _joins = new JoinState[16];
    private int _freeJoin = -1;
    private int _joinsUsed;
    private int[] _arrived = new int[8];

    /// <summary>Handles a row that left its batch like <see cref="Forward"/>, for pipelines with joins.</summary>
    private void ForwardJoining(int r, Stage stage, Pipeline graph)
    {
        var q = _rows[r].Query;
        Array.Resize(ref _arrived, Math.Max(_arrived.Length, stage.Outgoing.Length));
        if (!Branch(r, stage, graph, out var first, out var count))
        {
            GiveUp(q, _nowUs);
            Release(r);
            return;
        }

        var outer = _rows[r].Scope;
        Hold(outer);
        if (count == 0 && !_arrived.AsSpan(0, stage.Outgoing.Length).ContainsAnyExcept(0))
        {
            ReportLeaf(r);
            Leave(outer, stage.Task, graph);
            Drop(outer);
            return;
        }

        var inner = OpenJoins(r, stage, graph);
        Hold(inner);
        for (var c = first; c >= 0; c = _rows[c].Next)
        {
            _rows[c].Scope = inner;
            Hold(inner);
            Enter(inner, _stages[_rows[c].Stage].Task, graph);
        }

        Arrive(r, stage, inner);
        _queries[q].Rows += count - 1;
        SendAll(first, count);

        FreeRow(r);
        Leave(outer, stage.Task, graph);
        Settle(inner, graph);
        Drop(inner);
        Drop(outer);
    }

    /// <summary>Makes the children, linked, and counts the arrivals at joins, by edge.</summary>
    private bool Branch(int parent, Stage stage, Pipeline graph, out int first, out int count)
    {
        (first, count) = (-1, 0);
        var last = -1;
        for (var e = 0; e < stage.Outgoing.Length; e++)
        {
            var edge = stage.Outgoing[e];
            var children = DrawChildren(parent, stage, edge, out var edgeKey);
            edge.Parents++;
            edge.Children += children;
            _arrived[e] = graph.Tasks[edge.ChildTask].IsJoin ? children : 0;
            for (var i = _arrived[e]; i < children; i++)
            {
                var c = NewChild(parent, stage, edge, ItemKeys.Child(edgeKey, i));
                if (c < 0)
                {
                    FreeRows(first);
                    return false;
                }

                if (last < 0)
                    first = c;
                else
                    _rows[last].Next = c;
                last = c;
                count++;
            }
        }

        return true;
    }

    /// <summary>Opens the joins that wait for a row's descendants, with nothing counted yet, and returns the innermost one, or the row's
    /// own.</summary>
    private int OpenJoins(int r, Stage stage, Pipeline graph)
    {
        var (outer, inner) = (_rows[r].Scope, _rows[r].Scope);
        foreach (var task in graph.Joins[stage.Task])
        {
            if (!Leads(stage, task, graph, r))
                continue;
            var row = NewRow();
            _rows[row] = new RowState { Key = ItemKeys.Join(_rows[r].Key, task), Query = _rows[r].Query, Next = -1, Stage = -1, Scope = -1 };
            _queries[_rows[r].Query].Rows++;
            var j = NewJoin();
            _joins[j] = new JoinState { Task = task, Row = row, Outer = inner, References = 0, IsWaiting = true };
            Hold(inner);
            inner = j;
        }

        for (var j = inner; j != outer; j = _joins[j].Outer)
        {
            _rows[_joins[j].Row].Scope = inner;
            Hold(inner);
            Enter(inner, _joins[j].Task, graph);
        }

        return inner;
    }

    // Whether one of the row's children, which are a function of its key, can lead to the task.
    private bool Leads(Stage stage, int task, Pipeline graph, int r)
    {
        for (var e = 0; e < stage.Outgoing.Length; e++)
        {
            var child = stage.Outgoing[e].ChildTask;
            if ((child == task || graph.Reaches(child, task)) && DrawChildren(r, stage, stage.Outgoing[e], out _) > 0)
                return true;
        }

        return false;
    }

    private void Arrive(int r, Stage stage, int scope)
    {
        for (var e = 0; e < stage.Outgoing.Length; e++)
        {
            if (_arrived[e] == 0)
                continue;
            var j = scope;
            while (_joins[j].Task != stage.Outgoing[e].ChildTask)
                j = _joins[j].Outer;
            ref var join = ref _joins[j];
            join.Arrived += _arrived[e];
            join.AccuracySum += _arrived[e] * _rows[r].Accuracy;
            (join.Edge, join.ParentVariant) = (stage.Outgoing[e].Edge, stage.Variant);
        }
    }

    /// <summary>Records that a row of a task begins, in all enclosing joins that it can reach.</summary>
    private void Enter(int scope, int task, Pipeline graph)
    {
        for (var j = scope; j >= 0; j = _joins[j].Outer)
            _joins[j].Open += graph.Reaches(task, _joins[j].Task) ? 1 : 0;
    }

    /// <summary>Records that a row of a task has ended: joins that waited for nothing else run, or end too. The caller holds the
    /// scope.</summary>
    private void Leave(int scope, int task, Pipeline graph)
    {
        for (var j = scope; j >= 0; j = _joins[j].Outer)
            _joins[j].Open -= graph.Reaches(task, _joins[j].Task) ? 1 : 0;
        Settle(scope, graph);
    }

    private void Settle(int scope, Pipeline graph)
    {
        // Outer joins may have come to wait for nothing by the end of an inner one, and of two joins of an item by that of the other.
        for (var settled = true; settled;)
        {
            settled = false;
            for (var j = scope; j >= 0 && !settled; j = _joins[j].Outer)
            {
                if (!_joins[j].IsWaiting || _joins[j].Open > 0)
                    continue;
                settled = true;
                Resolve(j, graph);
            }
        }
    }

    private void Resolve(int j, Pipeline graph)
    {
        ref var join = ref _joins[j];
        join.IsWaiting = false;
        var (r, task) = (join.Row, join.Task);
        var q = _rows[r].Query;
        if (!_queries[q].HasEnded && join.Arrived > 0)
        {
            var pipeline = _queries[q].Pipeline;
            var accuracy = join.AccuracySum / join.Arrived;
            var variant = ChooseChild(q, pipeline, accuracy, join.Edge, join.ParentVariant, HashRandom.Unit(_rows[r].Key));
            if (variant >= 0)
            {
                _rows[r].Stage = _stageBase[pipeline][task] + variant;
                _rows[r].Accuracy = accuracy * _stages[_rows[r].Stage].Accuracy;
                _events += _hopUs > 0 ? 0 : 1;
                Send(r);
                return;
            }

            End(q, SimulatedOutcome.Expired, _nowUs);
        }

        var scope = _rows[r].Scope;
        for (var k = scope; k >= 0; k = _joins[k].Outer)
            _joins[k].Open -= graph.Reaches(task, _joins[k].Task) ? 1 : 0;
        FreeRow(r);
        EndRow(q);
    }

    private int NewJoin()
    {
        if (_freeJoin >= 0)
        {
            var j = _freeJoin;
            _freeJoin = _joins[j].Outer;
            return j;
        }

        if (_joinsUsed == _joins.Length)
            Array.Resize(ref _joins, 2 * _joinsUsed);
        return _joinsUsed++;
    }

    private void Hold(int scope)
    {
        if (scope >= 0)
            _joins[scope].References++;
    }

    private void Drop(int scope)
    {
        while (scope >= 0 && --_joins[scope].References == 0)
        {
            var outer = _joins[scope].Outer;
            _joins[scope].Outer = _freeJoin;
            _freeJoin = scope;
            scope = outer;
        }
    }
}
