namespace ServerlessLoki.Simulation.Events;

/// <summary>Pool of records for queries and rows, reused as soon as they are free.</summary>
internal sealed partial class Engine
{
    private QueryState[] _queries = new QueryState[256];
    private RowState[] _rows = new RowState[1024];
    private int _freeQuery = -1;
    private int _freeRow = -1;
    private int _queriesUsed;
    private int _rowsUsed;

    private void Note(DecisionKind kind, int r, int rows = 0, Stage? ran = null)
    {
        ref readonly var row = ref _rows[r];
        var stage = ran ?? _stages[row.Stage];
        _problem.OnDecision!(new SimulatedDecision(_nowUs, kind, _queries[row.Query].Sequence, stage.Pipeline, stage.Task, stage.Variant, row.Key, rows));
    }

    private int NewQuery()
    {
        _queriesHeld++;
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
        _queriesHeld--;
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

    private void FreeRows(int first)
    {
        while (first >= 0)
        {
            var next = _rows[first].Next;
            FreeRow(first);
            first = next;
        }
    }

    private void FreeRow(int r)
    {
        Drop(_rows[r].Scope);
        _rows[r].Next = _freeRow;
        _freeRow = r;
    }
}
