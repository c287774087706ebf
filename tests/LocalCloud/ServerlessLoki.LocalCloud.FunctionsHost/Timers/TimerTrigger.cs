using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Timers;

/// <summary>Trigger that calls a timer function when it is due, on one host at a time. A call that is due while the last one runs is
/// skipped; so are those that were due while no host ran, since no schedule status is stored.</summary>
internal sealed partial class TimerTrigger(FunctionInfo function, TimerSchedule schedule, Func<FunctionInfo, TypedData, CancellationToken, Task> call, ISingletonLocks locks, TimeProvider time, ILogger logger)
{
    private const string TimerInfo = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""";

    /// <summary>Longest single wait, since timers have an upper limit of some weeks.</summary>
    private static readonly TimeSpan MostWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Calls the function until stopped; then waits for the running call.</summary>
    /// <param name="stopping">Stops the trigger.</param>
    /// <param name="abort">Cancels the running call.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var held = await locks.AcquireAsync(function.Name, stopping);
                using var ends = CancellationTokenSource.CreateLinkedTokenSource(stopping, held.Lost);
                if (function.Trigger.Flag("runOnStartup") == true)
                    await CallAsync(abort);
                while (!ends.IsCancellationRequested)
                {
                    await WaitAsync(ends.Token);
                    await CallAsync(abort);
                }
            }
            catch (OperationCanceledException)
            {
                // Stopped, or the lock was lost: it is asked for again.
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogLockFailed(logger, function.Name, Pause, exception);
                await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var due = schedule.After(time.GetLocalNow().DateTime);
        while (due - time.GetLocalNow().DateTime is { Ticks: > 0 } wait)
            await Task.Delay(wait < MostWait ? wait : MostWait, time, cancellationToken);
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        try
        {
            await call(function, new TypedData { Json = TimerInfo }, cancellationToken);
        }
        catch (Exception exception)
        {
            LogFailed(logger, function.Name, FunctionFailedException.CauseOf(exception));
        }
    }

    [LoggerMessage(41, LogLevel.Error, "Timer function {Function} failed: {Cause}")]
    private static partial void LogFailed(ILogger logger, string function, string cause);

    [LoggerMessage(42, LogLevel.Warning, "Timer function {Function} cannot be scheduled; again in {Pause}")]
    private static partial void LogLockFailed(ILogger logger, string function, TimeSpan pause, Exception exception);
}
