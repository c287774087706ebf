using Microsoft.Azure.Functions.Worker;

namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>A timer whose calls take longer than its interval.</summary>
public sealed class TimerFunctions
{
    private static int s_running;

    /// <summary>Timer function that is due each second.</summary>
    [Function("Tick")]
    public static async Task Tick([TimerTrigger("%TickSchedule%", UseMonitor = false)] TimerInfo timer, CancellationToken cancellationToken)
    {
        Seen.Add("ticks");
        if (Interlocked.Increment(ref s_running) > 1)
            Seen.Add("overlaps");
        await Task.Delay(1200, cancellationToken);
        Interlocked.Decrement(ref s_running);
    }
}
