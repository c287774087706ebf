using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded;

/// <summary>Reader of a connection that records when the first bytes of a request arrive.</summary>
/// <remarks>Bytes are the first of a request when all before them were consumed: what comes while a request is read belongs to it, and
/// its handler has taken the time by then.</remarks>
/// <param name="inner">Input of the connection.</param>
/// <param name="time">Clock.</param>
/// <param name="waited">Time that the bytes now read have waited in the kernel.</param>
internal sealed class ArrivalReader(PipeReader inner, TimeProvider time, Func<TimeSpan> waited) : PipeReader, IRequestArrival
{
    private ReadOnlySequence<byte> _seen;
    private long _left;
    private long _readAt;
    private bool _isFresh = true;

    public long Timestamp { get; private set; } = time.GetTimestamp();

    public TimeProvider Time => time;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Note(reading.Result)) : NoteAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        var isRead = inner.TryRead(out result);
        if (isRead)
            Note(result);
        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var left = _seen.Slice(consumed).Length;
        if (left == 0)
            _isFresh = true;
        else if (left < _seen.Length)
            Timestamp = _readAt; // The next request's beginning is here already: it came with the last bytes.
        _left = left;
        _seen = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> NoteAsync(ValueTask<ReadResult> reading) => Note(await reading);

    private ReadResult Note(in ReadResult result)
    {
        _seen = result.Buffer;
        if (_seen.Length > _left)
            _readAt = time.GetTimestamp() - (_isFresh ? (long)(waited().TotalSeconds * time.TimestampFrequency) : 0);
        if (_isFresh && !_seen.IsEmpty)
            (_isFresh, Timestamp) = (false, _readAt);

        return result;
    }
}
