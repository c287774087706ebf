using System.IO.Pipelines;

namespace ServerlessLoki.Serving.Http;

/// <summary>Delay of refusals of callers that come back before the time they were told.</summary>
/// <remarks>Such a caller asks again as fast as it is refused, and each refusal takes time from the models: with 300 of them on two cores the
/// answers per second halve. A caller that waits costs nothing. No more than <see cref="HeldOf"/> of <see cref="Of"/> refusals are kept back, so
/// the median refusal is immediate whatever callers do: connections that a gateway shares among its users look the same.</remarks>
internal sealed class HeldRefusals(TimeProvider time)
{
    /// <summary>Number of refusals out of <see cref="Of"/> that may be delayed.</summary>
    public const int HeldOf = 2;

    /// <summary>Number of refusals of which <see cref="HeldOf"/> may be delayed.</summary>
    public const int Of = 5;

    /// <summary>Longest delay, also for callers with a longer deadline.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Most refusals that are delayed at one time.</summary>
    public const int Most = 2048;

    private uint _seen;
    private int _held;

    /// <summary>Waits until the deadline of a caller that came too soon, a second at most; most refusals are not delayed.</summary>
    /// <param name="early">Time until the caller was told to come back; zero or less where the caller waited.</param>
    /// <param name="left">Time until the caller's deadline.</param>
    /// <param name="unread">Body that was not read; null where it was. It is dropped first, so that a delayed refusal holds no
    /// memory.</param>
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
