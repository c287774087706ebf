using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Sends on behalf of a query for as long as that can wait: a transport that is away is tried again for minutes otherwise, long after
/// the caller has had its 504.</summary>
internal static class SendingLimit
{
    /// <summary>A late message is still sent if that needs no wait, so that its receiver can report that it is late.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <returns>False if the query's time was over before it was sent.</returns>
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
