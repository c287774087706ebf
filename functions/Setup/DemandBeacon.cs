using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Setup;

/// <summary>Signal of demand to the workers' scalers: while queries arrive, the device types of the plan are signalled, so that the
/// platform keeps a replica of each even while no planner runs. Without a plan the cheapest device type is signalled.</summary>
public sealed partial class DemandBeacon(FunctionSettings settings, AzurePorts ports, LokiApiContext api, TimeProvider time, ILogger<DemandBeacon> logger) : BackgroundService
{
    /// <summary>Interval of signals, well within a signal's lifetime.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Somebody else starts the workers.
        if (settings.IsLocalFleet)
            return;
        using var timer = new PeriodicTimer(Look, time);
        long? last = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if ((last is { } then && time.GetElapsedTime(then) < Interval) || api.Engine is not { } engine || !IsInDemand(engine))
                continue;
            last = time.GetTimestamp();
            foreach (var device in Devices(engine))
            {
                try
                {
                    await ports.Demand.SendAsync(device, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, device, exception);
                }
            }
        }
    }

    private static bool IsInDemand(IServingEngine engine) => engine.Status().Pipelines.Any(static p => p.DemandQps > 0 || p.Pending > 0);

    private List<string> Devices(IServingEngine engine)
    {
        var planned = engine is { Plan: { } plan, Problem: { } problem }
            ? plan.Slots.Where(static s => s.Replicas > 0).Select(s => problem.Devices[s.Device].Name).Distinct(StringComparer.Ordinal).ToList()
            : [];
        return planned.Count > 0 ? planned : [settings.Fleet.MinBy(static f => f.PricePerHour)!.Device];
    }

    [LoggerMessage(6050, LogLevel.Warning, "Demand could not be signalled to the scaler of {Device} workers; the planner's own scaling is not affected")]
    private static partial void LogFailed(ILogger logger, string device, Exception exception);
}
