using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Direct inference on one variant: rows go to batches one by one, and raw outputs are collected in order.</summary>
internal class DirectQuery(VariantRequest request, Action<QueryOutcome> ended) : QueryScope
{
    private readonly TaskCompletionSource<VariantResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _allocation = new();
    private readonly List<IDisposable> _charges = [];
    private PooledBytes?[]? _outputs;
    private TensorPart[][]? _loose;
    private ByteBudget.Share? _looseCharge;
    private int _remaining = request.Rows;
    private int _hasEnded;
    private bool _isHandedOver;

    public VariantRequest Request { get; } = request;

    public Task<VariantResult> Result => _result.Task;

    public override QueryInput? Input => null;

    /// <inheritdoc/>
    public override bool IsParticular => true;

    public override bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>Returns the bytes of one row of an input.</summary>
    public ReadOnlySpan<byte> InputRow(int input, int row) => InputRows(input, row, 1).Span;

    /// <summary>Returns consecutive rows of an input.</summary>
    public ReadOnlyMemory<byte> InputRows(int input, int first, int count)
    {
        var bytes = Request.Inputs[input];
        if (Request.RowOffsets?[input] is { } offsets)
            return bytes[offsets[first]..offsets[first + count]];
        var size = bytes.Length / Request.Rows;
        return bytes.Slice(first * size, count * size);
    }

    /// <summary>Writes a row of an output; the first row fixes the row size, and the buffers are made then. The query fails where there is
    /// no memory for them, or where rows have different sizes, which make no tensor.</summary>
    public void Write(int output, int outputs, int row, ReadOnlySpan<byte> bytes)
    {
        if (HasEnded)
            return;
        if ((long)bytes.Length * Request.Rows > Array.MaxLength)
        {
            Fail(QueryOutcome.Invalid, TooLarge((long)bytes.Length * Request.Rows));
            return;
        }

        PooledBytes buffer;
        try
        {
            buffer = Output(output, outputs, bytes.Length);
        }
        catch (ApiFaultException full)
        {
            Fail(QueryOutcome.Rejected, full.Message, full.RetryAfter);
            return;
        }

        var size = buffer.Length / Request.Rows;
        if (size == bytes.Length)
            bytes.CopyTo(buffer.Span.Slice(row * size, size));
        else
            Fail(QueryOutcome.Invalid, UnlikeRows);
    }

    /// <summary>Adds a row of an output whose rows have their own dimensions or sizes; they are joined when all have arrived.</summary>
    public void WriteLoose(int output, int outputs, int row, TensorPart part)
    {
        if (HasEnded)
            return;
        try
        {
            lock (_allocation)
            {
                // A row of many is copied once more at the end.
                var bytes = (Request.Rows == 1 ? 1L : 2L) * part.Bytes.Length;
                if (_looseCharge is null)
                    Keep(_looseCharge = Request.Charge?.Beside(bytes));
                else
                    _looseCharge.Grow(bytes);
                _loose ??= [.. Enumerable.Range(0, outputs).Select(_ => new TensorPart[Request.Rows])];
                _loose[output][row] = part;
            }
        }
        catch (ApiFaultException full)
        {
            Fail(QueryOutcome.Rejected, full.Message, full.RetryAfter);
        }
    }

    private void Keep(IDisposable? charge)
    {
        if (charge is not null)
            _charges.Add(charge);
    }

    /// <summary>Joins the rows of each output into one tensor.</summary>
    private void EndLoose(TensorPart[][] loose)
    {
        var outputs = new ReadOnlyMemory<byte>[loose.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            var rows = loose[i];
            if (rows.Any(r => !r.Shape.AsSpan().SequenceEqual(rows[0].Shape.AsSpan())))
            {
                Fail(QueryOutcome.Invalid, UnlikeRows);
                return;
            }

            var bytes = rows.Sum(static r => (long)r.Bytes.Length);
            if (bytes > Array.MaxLength)
            {
                Fail(QueryOutcome.Invalid, TooLarge(bytes));
                return;
            }

            outputs[i] = rows.Length == 1 ? rows[0].Bytes : TensorPart.Join(rows);
        }

        End(new VariantResult(QueryOutcome.Completed, null, outputs) { Loose = [.. loose.Select(static rows => rows[0])], Owners = [.. _charges] });
    }

    private string TooLarge(long bytes) =>
        $"The {Request.Rows} rows of the request have outputs of {bytes >> 20} MB, more than one answer can hold: ask for fewer rows at a time.";

    private string UnlikeRows => $"Rows of the request have outputs of unlike sizes, which make no tensor: ask '{Request.Variant}' for one row at a time.";

    private PooledBytes Output(int output, int outputs, int rowBytes)
    {
        lock (_allocation)
        {
            _outputs ??= new PooledBytes[outputs];
            if (_outputs[output] is { } made)
                return made;
            if (Request.Charge?.Beside((long)rowBytes * Request.Rows) is { } charge)
                _charges.Add(charge);
            return _outputs[output] = PooledBytes.Rent(rowBytes * Request.Rows);
        }
    }

    public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children)
    {
        if (Interlocked.Decrement(ref _remaining) > 0 || HasEnded)
            return;
        if (_loose is { } loose)
        {
            EndLoose(loose);
            return;
        }

        var outputs = _outputs!;
        var memory = new ReadOnlyMemory<byte>[outputs.Length];
        for (var i = 0; i < memory.Length; i++)
            memory[i] = outputs[i]!.Memory;
        End(new VariantResult(QueryOutcome.Completed, null, memory) { Owners = [.. outputs!, .. _charges] });
    }

    public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null) =>
        End(new VariantResult(outcome, error, [], retryAfter));

    /// <summary>Frees the inputs: no batch reads them or writes outputs any more.</summary>
    protected override void FreeInput()
    {
        Request.Owner?.Dispose();
        if (_isHandedOver)
            return;
        foreach (var output in _outputs ?? [])
            output?.Dispose();
        foreach (var charge in _charges)
            charge.Dispose();
    }

    private void End(VariantResult result)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        _isHandedOver = result.Outcome == QueryOutcome.Completed;
        ended(result.Outcome);
        _result.TrySetResult(result);
        Release();
    }
}
