using Microsoft.Extensions.Logging;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Embedded;

/// <summary>Correction of a running engine's latencies: by the times of batches that served, and by measuring again in idle time what was
/// measured only once.</summary>
/// <param name="engine">Engine whose latencies are corrected.</param>
/// <param name="device">Name of the engine's device in the profile.</param>
/// <param name="measure">Measures all variants again; null = the profile comes from a file, and is corrected but not replaced.</param>
/// <param name="isProven">False when the profile was measured only once.</param>
/// <param name="store">Stores the result for the next start, and whether it is proven.</param>
/// <param name="time">Clock.</param>
internal sealed partial class ProfileKeeper(
    ServingEngine engine, string device, Func<CancellationToken, LatencyProfile>? measure, bool isProven, Func<LatencyProfile, bool, CancellationToken, Task> store,
    TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Most measurements: a machine that measures differently each time is not measured forever.</summary>
    private const int MostMeasurements = 5;
    private readonly Dictionary<string, LiveCorrection> _corrections = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Variant, int Rows), (long Count, long Us)> _seen = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;
    private long _arrivals = -1;
    private int _measurements;

    /// <summary>False while the profile was measured only once.</summary>
    public bool IsProven { get; private set; } = isProven || measure is null;

    /// <summary>Starts to look every few seconds until disposed.</summary>
    public void Start(ILogger logger) => _loop = RunAsync(logger);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task RunAsync(ILogger logger)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    await LookAsync(_stopping.Token);
                }
                catch (Exception exception) when (!_stopping.IsCancellationRequested)
                {
                    LogFailed(logger, exception);
                }
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop: what was under way may end in any way.
        }
    }

    [LoggerMessage(3302, LogLevel.Warning, "Looking after the latencies failed; those in use stay")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    /// <summary>Corrects or measures once, if needed.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var before = engine.Profile;
        var corrected = Corrected(before);
        var isNowProven = IsProven || (_corrections.Count > 0 && _corrections.Values.All(c => c.HasEvidence));
        if (corrected != before || isNowProven != IsProven)
            await UseAsync(corrected, isNowProven, cancellationToken);
        var arrivals = Arrivals();
        var isIdle = arrivals == _arrivals && engine.Metrics.Pipelines.All(p => p.Pending == 0);
        _arrivals = arrivals;
        if (isIdle && !IsProven)
            await MeasureAsync(cancellationToken);
    }

    private LatencyProfile Corrected(LatencyProfile profile)
    {
        var factors = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var variant in engine.Metrics.Variants.SelectMany(p => p).SelectMany(t => t))
        {
            if (profile.Find(variant.Variant, device) is not { } latency)
                continue;
            var (count, actualUs, expectedUs) = Since(variant, latency);
            if (!_corrections.TryGetValue(variant.Variant, out var correction))
                _corrections[variant.Variant] = correction = new LiveCorrection();
            if (correction.Look(count, actualUs, expectedUs) is var factor and not 1)
                factors[variant.Variant] = factor;
        }

        return factors.Count == 0 ? profile : profile.Scale((variant, on) => on == device ? factors.GetValueOrDefault(variant, 1) : 1);
    }

    private (long Count, double ActualUs, double ExpectedUs) Since(VariantMetrics variant, BatchLatency latency)
    {
        var (count, actualUs, expectedUs) = (0L, 0.0, 0.0);
        foreach (var stats in variant.BatchStats)
        {
            var seen = _seen.GetValueOrDefault((variant.Variant, stats.Rows));
            _seen[(variant.Variant, stats.Rows)] = (stats.Count, stats.ComputeUs);
            count += stats.Count - seen.Count;
            actualUs += stats.ComputeUs - seen.Us;
            expectedUs += (stats.Count - seen.Count) * latency.LatencyUs(stats.Rows);
        }

        return (count, actualUs, expectedUs);
    }

    /// <summary>Measures all variants, and stops as soon as a query arrives: the next idle time will do as well.</summary>
    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        using var disturbed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var watch = time.CreateTimer(
            _ =>
            {
                if (Arrivals() != _arrivals)
                    disturbed.Cancel();
            },
            null, WatchInterval, WatchInterval);
        LatencyProfile again;
        try
        {
            again = await Task.Run(() => measure!(disturbed.Token), disturbed.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return;
        }

        var before = engine.Profile;
        var agrees = RepeatedProfile.Agrees(before, again);
        await UseAsync(RepeatedProfile.Least(before, again), agrees || ++_measurements >= MostMeasurements, cancellationToken);
    }

    private async Task UseAsync(LatencyProfile profile, bool proven, CancellationToken cancellationToken)
    {
        IsProven = proven;
        engine.UseProfile(profile, proven);
        await store(profile, proven, cancellationToken);
    }

    private long Arrivals() =>
        engine.Metrics.Pipelines.Sum(p => p.Arrivals) + engine.Metrics.Variants.Sum(p => p.Sum(t => t.Sum(v => v.ComputeUs.Count)));
}
