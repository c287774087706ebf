namespace ServerlessLoki.Serving.Dispatch;

/// <summary>A direct inference on one variant: rows go to batches one by one, raw outputs come back in place.</summary>
internal sealed class DirectQuery(VariantRequest request, Action<QueryOutcome> ended) : QueryScope
{
    private readonly TaskCompletionSource<VariantResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _allocation = new();
    private byte[][]? _outputs;
    private int _remaining = request.Rows;
    private int _hasEnded;

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

    /// <summary>Where a row of an output goes; the buffers are made when the first row says how large rows are.</summary>
    public Span<byte> OutputRow(int output, int outputs, int row, int rowBytes)
    {
        byte[] buffer;
        lock (_allocation)
        {
            _outputs ??= new byte[outputs][];
            buffer = _outputs[output] ??= GC.AllocateUninitializedArray<byte>(checked(rowBytes * Request.Rows));
        }

        return buffer.AsSpan(row * rowBytes, rowBytes);
    }

    public override void Report(StageItem item, OutputRow[] rows, float[]? tensor, int children)
    {
        if (Interlocked.Decrement(ref _remaining) == 0)
            End(new VariantResult(QueryOutcome.Completed, null, [.. _outputs!.Select(o => (ReadOnlyMemory<byte>)o)]));
    }

    public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null) =>
        End(new VariantResult(outcome, error, [], retryAfter));

    protected override void FreeInput() => Request.Owner?.Dispose();

    private void End(VariantResult result)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        ended(result.Outcome);
        _result.TrySetResult(result);
        Release();
    }
}
