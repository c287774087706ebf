namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Answers queries whose deadline has passed, every ten milliseconds. Sleeps while there are no queries: an idle host takes no processor.</summary>
internal static class ExpiryLoop
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs until cancelled.</summary>
    /// <param name="dispatcher">Holds the queries.</param>
    /// <param name="time">Clock.</param>
    /// <param name="failed">Hears of faults; the loop goes on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task RunAsync(Dispatcher dispatcher, TimeProvider time, Action<Exception> failed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Expire();
            if (dispatcher.PendingCount > 0)
                continue;
            timer.Period = Timeout.InfiniteTimeSpan;
            await dispatcher.WhenPendingAsync().WaitAsync(cancellationToken);
            timer.Period = Interval;
            // The clock may have passed a deadline before the timer ran again.
            Expire();
        }

        void Expire()
        {
            try
            {
                dispatcher.ExpireDue();
            }
            catch (Exception exception)
            {
                failed(exception);
            }
        }
    }
}
