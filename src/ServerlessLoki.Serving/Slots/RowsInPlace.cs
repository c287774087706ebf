using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Rows that need not be copied: as long as a batch holds only rows of one request that follow each other, they are run
/// where the request's body was read to. For a large tensor that is one copy of three.</summary>
internal sealed class RowsInPlace(ModelRunner runner)
{
    private DirectQuery? _query;
    private int _first;
    private int _count;

    /// <summary>Takes a row on, if it continues those before. If not, <see cref="CopyIn"/> those first.</summary>
    public bool TryAdd(int row, StageItem item)
    {
        if (row == 0)
            (_query, _first, _count) = (Lender(item), item.ParentRow, 0);
        if (_query is null || item.Scope != _query || row != _count || item.ParentRow != _first + row)
            return false;
        _count++;
        return true;
    }

    /// <summary>Makes the rows so far an ordinary part of the input.</summary>
    public void CopyIn()
    {
        if (Take() is { } rows)
            rows.Span.CopyTo(runner.InputBytes(_count));
    }

    /// <summary>The batch's rows, once; null when they were copied in.</summary>
    public ReadOnlyMemory<byte>? Take()
    {
        var rows = _count == 0 ? null : _query?.InputRows(0, _first, _count);
        _query = null;
        return rows;
    }

    /// <summary>Only memory that the engine owns: other memory might be freed under a run whose request was answered early.</summary>
    private DirectQuery? Lender(StageItem item) =>
        item.Scope is DirectQuery { Request.Owner: not null } query && runner.Model.Inputs.Length == 1
        && query.InputRow(0, item.ParentRow).Length == runner.Model.Inputs[0].RowBytes
            ? query
            : null;
}
