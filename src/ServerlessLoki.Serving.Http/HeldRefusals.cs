using System.IO.Pipelines;

namespace ServerlessLoki.Serving.Http;

/// <summary>Keeps back refusals of callers that come back before the time they were told.</summary>
/// <remarks>Such a caller asks again as fast as it is refused, and each refusal takes time from the models: with 300 of them on two cores the
/// answers per second halve. A caller that waits costs nothing. No more than <see cref="HeldOf"/> of <see cref="Of"/> refusals are kept back, so
/// the median refusal is immediate whatever callers do: connections that a gateway shares among its users look the same.</remarks>
internal sealed class HeldRefusals(TimeProvider time)
{
    /// <summary>Refusals of <see cref="Of"/> that may be kept back.</summary>
    public const int HeldOf = 2;

    /// <summary>See <see cref="HeldOf"/>.</summary>
    public const int Of = 5;

    /// <summary>Longest wait: a caller with a deadline of minutes is not kept for minutes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Most that are kept back at one time.</summary>
    public const int Most = 2048;

    private uint _seen;
    private int _held;

    /// <summary>Waits until the deadline of a caller that came too soon, a second at most; most refusals do not wait.</summary>
    /// <param name="early">Time until the caller was told to come back; zero or less where it waited.</param>
    /// <param name="left">Time until its deadline.</param>
    /// <param name="unread">Its body where nobody has read it; it is dropped first, so that what waits holds no memory.</param>
    /// <param name="cancellationToken">Ends the wait when the caller is gone.</param>
    public async Task WaitAsync(TimeSpan early, TimeSpan left, PipeReader? unread, CancellationToken cancellationToken)
    {
        if (early <= TimeSpan.Zero || left <= TimeSpan.Zero || Interlocked.Increment(ref _seen) % Of >= HeldOf)
            return;
        try
        {
            if (Interlocked.Increment(ref _held) > Most)
                return;
            using var limit = new CancellationTokenSource(left < Longest ? left : Longest, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            if (unread is not null)
                await DropAsync(unread, end.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    private static async Task DropAsync(PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(cancellationToken);
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It came too slowly, or broke its framing: it is refused either way, and the server drops the rest.
        }
    }
}
