using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>A direct inference on one variant: rows go to batches one by one, raw outputs come back in place.</summary>
internal class DirectQuery(VariantRequest request, Action<QueryOutcome> ended) : QueryScope
{
    private readonly TaskCompletionSource<VariantResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _allocation = new();
    private readonly List<IDisposable> _charges = [];
    private PooledBytes?[]? _outputs;
    private int _remaining = request.Rows;
    private int _hasEnded;
    private bool _isHandedOver;

    public VariantRequest Request { get; } = request;

    public Task<VariantResult> Result => _result.Task;

    public override QueryInput? Input => null;

    public override bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>Bytes of one row of an input.</summary>
    public ReadOnlySpan<byte> InputRow(int input, int row) => InputRows(input, row, 1).Span;

    /// <summary>Rows of an input that follow each other.</summary>
    public ReadOnlyMemory<byte> InputRows(int input, int first, int count)
    {
        var bytes = Request.Inputs[input];
        var size = bytes.Length / Request.Rows;
        return bytes.Slice(first * size, count * size);
    }

    /// <summary>Takes a row of an output; the buffers are made when the first row says how large rows are. The query ends
    /// where there is no room for them, and where rows are of unlike sizes, which make no tensor.</summary>
    public void Write(int output, int outputs, int row, ReadOnlySpan<byte> bytes)
    {
        if (HasEnded)
            return;
        if ((long)bytes.Length * Request.Rows > Array.MaxLength)
        {
            Fail(QueryOutcome.Invalid, $"The {Request.Rows} rows of the request have outputs of {(long)bytes.Length * Request.Rows >> 20} MB, more than one answer can hold: ask for fewer rows at a time.");
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
            Fail(QueryOutcome.Invalid, $"Rows of the request have outputs of unlike sizes, which make no tensor: ask '{Request.Variant}' for one row at a time.");
    }

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

    public override void Report(StageItem item, OutputRow[] rows, float[]? tensor, int children)
    {
        if (Interlocked.Decrement(ref _remaining) > 0 || HasEnded)
            return;
        var outputs = _outputs!;
        var memory = new ReadOnlyMemory<byte>[outputs.Length];
        for (var i = 0; i < memory.Length; i++)
            memory[i] = outputs[i]!.Memory;
        End(new VariantResult(QueryOutcome.Completed, null, memory) { Owners = [.. outputs!, .. _charges] });
    }

    public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null) =>
        End(new VariantResult(outcome, error, [], retryAfter));

    /// <summary>No batch reads the inputs or writes the outputs any more.</summary>
    protected override void FreeInput()
    {
        Request.Owner?.Dispose();
        if (_isHandedOver || _outputs is null)
            return;
        foreach (var output in _outputs)
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
