using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function at its schedule's times, one call after the other; times that pass during a call are left out.</summary>
/// <remarks>The platform keeps the last time in a blob, and with it makes a timer a singleton among instances; here there is one instance,
/// and a start begins anew.</remarks>
internal sealed partial class TimerListener(
    FunctionMethod function, AppSettings settings, FunctionInvoker invoker, TimeProvider time, ILogger<TimerListener> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var trigger = (TimerTriggerAttribute)function.Trigger;
        var schedule = Schedule.Parse(settings.Resolve(trigger.Schedule));
        var status = new ScheduleStatus();
        if (trigger.RunOnStartup)
            await RunAsync(status, stoppingToken);
        while (schedule.Next(time.GetUtcNow().UtcDateTime) is { } next)
        {
            status.Next = next;
            // A timer of the system may fire a little early: wait again rather than run twice.
            while (next - time.GetUtcNow().UtcDateTime is { Ticks: > 0 } wait)
                await Task.Delay(wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1), time, stoppingToken);
            await RunAsync(status, stoppingToken);
        }
    }

    private async Task RunAsync(ScheduleStatus status, CancellationToken stoppingToken)
    {
        try
        {
            await invoker.InvokeAsync(function, new TimerInfo { ScheduleStatus = status }, null, stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(logger, function.Name, e);
        }

        status.Last = status.LastUpdated = time.GetUtcNow().UtcDateTime;
    }

    [LoggerMessage(1, LogLevel.Error, "Timer function {Function} failed")]
    private static partial void LogFailed(ILogger logger, string function, Exception exception);
}
