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

    /// <summary>Most bytes of bodies that nobody has read and that the server may receive meanwhile.</summary>
    public const long MostBytes = 64 << 20;

    /// <summary>Counted for each caller: its headers and the server's state of it.</summary>
    public const int CallerBytes = 16 << 10;

    private uint _seen;
    private long _bytes;

    /// <summary>Waits until the deadline of a caller that came too soon; most refusals do not wait.</summary>
    /// <param name="early">Time until the caller was told to come back; zero or less where it waited.</param>
    /// <param name="left">Time until its deadline.</param>
    /// <param name="unread">Bytes of its body that may still be received.</param>
    /// <param name="cancellationToken">Ends the wait when the caller is gone.</param>
    public async Task WaitAsync(TimeSpan early, TimeSpan left, long unread, CancellationToken cancellationToken)
    {
        if (early <= TimeSpan.Zero || left <= TimeSpan.Zero || Interlocked.Increment(ref _seen) % Of >= HeldOf)
            return;
        var bytes = CallerBytes + unread;
        if (Interlocked.Add(ref _bytes, bytes) <= MostBytes)
            await Task.Delay(left < Longest ? left : Longest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Add(ref _bytes, -bytes);
    }
}
