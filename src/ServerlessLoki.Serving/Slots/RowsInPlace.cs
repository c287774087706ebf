using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Rows that need no copy: as long as a batch holds only consecutive rows of one request, they run in the memory of the request's
/// body. For a large tensor that saves one copy of three.</summary>
internal sealed class RowsInPlace(ModelRunner runner)
{
    private DirectQuery? _query;
    private int _first;
    private int _count;

    /// <summary>Adds a row if it follows the rows before it. If not, call <see cref="CopyIn"/> for those first.</summary>
    public bool TryAdd(int row, StageItem item)
    {
        if (row == 0)
            (_query, _first, _count) = (Lender(item), item.ParentRow, 0);
        if (_query is null || item.Scope != _query || row != _count || item.ParentRow != _first + row)
            return false;
        _count++;
        return true;
    }

    /// <summary>Copies the rows so far into the model's input.</summary>
    public void CopyIn()
    {
        if (Take() is { } rows)
            rows.Span.CopyTo(runner.InputBytes(_count));
    }

    /// <summary>Returns the batch's rows, once; null when they were copied in.</summary>
    public ReadOnlyMemory<byte>? Take()
    {
        var rows = _count == 0 ? null : _query?.InputRows(0, _first, _count);
        _query = null;
        return rows;
    }

    /// <summary>Returns the item's query if its memory may be used in place: only memory that the engine owns, since other memory might be
    /// freed during a run whose request was answered early.</summary>
    private DirectQuery? Lender(StageItem item) =>
        item.Scope is DirectQuery { Request.Owner: not null } query && runner.Model.Inputs.Length == 1
        && query.InputRow(0, item.ParentRow).Length == runner.Model.Inputs[0].RowBytes
            ? query
            : null;
}
