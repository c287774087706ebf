using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Time limit for sending on behalf of a query. Otherwise a transport that is unavailable would be retried for minutes, long after
/// the caller got its 504.</summary>
internal static class SendingLimit
{
    /// <summary>Least time for sending: a late message is still sent if that needs no wait, so that its receiver can report that it is
    /// late.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <returns>False if the query's time was over before the message was sent.</returns>
    public static async ValueTask<bool> TrySendAsync(IStageQueues queues, StageKey key, StageItem item, ServingClock clock, CancellationToken cancellationToken)
    {
        if (item.Scope.DeadlineUs == long.MaxValue)
        {
            await queues.SendAsync(key, item, cancellationToken);
            return true;
        }

        var left = TimeSpan.FromMicroseconds(item.Scope.DeadlineUs - clock.NowUs);
        using var time = new CancellationTokenSource(left > Least ? left : Least, clock.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            await queues.SendAsync(key, item, limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
