using System.IO.Pipelines;

namespace ServerlessLoki.Embedded.Door;

/// <summary>Output of a connection: gives the web server's own errors a body, and times clients that do not read their answers.</summary>
internal sealed class AnswerWriter(PipeWriter inner, ConnectionState connection, TimeSpan patience, TimeProvider time) : PipeWriter
{
    private Memory<byte> _block;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _block = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        // While a request is answered the error is the API's, which has a body.
        if (connection.Running == 0 && BareError.Complete(_block.Span[..bytes], time) is { } whole)
        {
            whole.CopyTo(inner.GetSpan(whole.Length));
            bytes = whole.Length;
        }

        inner.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        Watch(inner.CanGetUnflushedBytes ? inner.UnflushedBytes : 0, inner.FlushAsync(cancellationToken));

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        Watch(source.Length, inner.WriteAsync(source, cancellationToken));

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private ValueTask<FlushResult> Watch(long bytes, ValueTask<FlushResult> flush) => flush.IsCompleted ? flush : WaitAsync(bytes, flush);

    private async ValueTask<FlushResult> WaitAsync(long bytes, ValueTask<FlushResult> flush)
    {
        connection.BeginFlush(patience + TimeSpan.FromSeconds((double)bytes / Connections.LeastRate));
        try
        {
            return await flush;
        }
        finally
        {
            connection.EndFlush();
        }
    }
}
