using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.Serving.Distributed.Planner;

namespace ServerlessLoki.Functions.Timers;

/// <summary>Timer of the planner. The platform runs one timer among all instances; if two run nevertheless, one of them
/// publishes.</summary>
public sealed partial class PlannerTimer(Brain brain, FunctionSettings settings, TimeProvider time, ILogger<PlannerTimer> logger)
{
    /// <summary>Longest time of a call, which ends before the next one is due.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(9);

    /// <summary>Plans each second for the ten seconds until the next call; only once while there is no demand, to save cost.</summary>
    [Function("Planner")]
    public async Task Plan([TimerTrigger("*/10 * * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var planner = brain.Planner;
        while (true)
        {
            var step = await planner.StepAsync(cancellationToken);
            if (step.Result == PlannerResult.Published)
                LogPublished(logger, step.Plan!.Version, string.Join(", ", step.DemandQps.Select(q => q.ToString("0.#", null))));
            // Another planner is at work: two would only take turns.
            if (step.Result == PlannerResult.Lost || !step.HasDemand || time.GetElapsedTime(begun) + settings.Replan > Length)
                return;
            await Task.Delay(settings.Replan, time, cancellationToken);
        }
    }

    [LoggerMessage(6030, LogLevel.Information, "Plan {Version} for {Qps} queries/s is published")]
    private static partial void LogPublished(ILogger logger, long version, string qps);
}
