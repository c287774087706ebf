using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Control;

/// <summary>Measurements of a control loop: the demand to plan for, and the correction of the latency profile. <see cref="Planner"/>
/// decides whether to plan.</summary>
/// <remarks>No clock: the loop, real or simulated, gives the time. Not thread-safe, one loop owns it.</remarks>
/// <param name="forecasters">One per pipeline, with the demand expected at first, queries per second.</param>
/// <param name="periodUs">Time between two plans, microseconds.</param>
public sealed class ControlCycle(IEnumerable<(IDemandForecaster Forecaster, double InitialQps)> forecasters, long periodUs)
{
    /// <summary>Share of the SLO that plans never use, 0..1.</summary>
    private const double LeastSlack = 0.02;

    /// <summary>Share of the SLO up to which head-room may stretch the fastest path, 0..1. The rest is left for queueing, which the
    /// head-room is for.</summary>
    private const double MostPadded = 0.7;

    /// <summary>Time between two checks for bursts, microseconds.</summary>
    public const long BurstIntervalUs = 250_000;
    private readonly ImmutableArray<DemandWatch> _watches = [.. forecasters.Select(f => new DemandWatch(f.Forecaster, f.InitialQps))];
    private readonly HeadroomControl _headroom = new();
    private long _lastPeriodUs;
    private long _lastLookUs;

    /// <summary>Slow-down of batches against their profile.</summary>
    public SlowdownEstimate Slowdown { get; } = new();

    /// <summary>Head-room: factor on latencies in plans, beyond the slow-down, because queues stood or queries were lost. At least
    /// 1.</summary>
    public double Headroom => _headroom.Factor;

    /// <summary>Time between two calls of <see cref="Look"/>, microseconds.</summary>
    public long StepUs { get; } = Math.Min(periodUs, BurstIntervalUs);

    /// <summary>Length of the period that ended last, microseconds.</summary>
    public long ElapsedUs { get; private set; }

    /// <summary>Demand to plan for, queries per second.</summary>
    public double ForecastQps(int pipeline) => _watches[pipeline].ForecastQps;

    /// <summary>Starts the periods: they count from now.</summary>
    public void Start(long nowUs) => (_lastPeriodUs, _lastLookUs) = (nowUs, nowUs);

    /// <summary>Reads the arrivals since the last look. At a period's end slow-down and forecasts are updated; in between only bursts are
    /// looked for.</summary>
    /// <param name="nowUs">Now.</param>
    /// <param name="arrivals">All demand until now by pipeline, see <see cref="DemandCount"/>.</param>
    public ControlMoment Look(long nowUs, ReadOnlySpan<long> arrivals)
    {
        // What really passed: the loop may have been loading models for several intervals.
        var lookedUs = nowUs - _lastLookUs;
        _lastLookUs = nowUs;
        if (nowUs - _lastPeriodUs >= periodUs)
        {
            ElapsedUs = nowUs - _lastPeriodUs;
            _lastPeriodUs = nowUs;
            Slowdown.Fold();
            for (var p = 0; p < _watches.Length; p++)
                _watches[p].Fold(arrivals[p], ElapsedUs * 1e-6);
            return ControlMoment.Period;
        }

        // Each watch must see every interval.
        var burst = false;
        for (var p = 0; p < _watches.Length; p++)
            burst |= lookedUs > 0 && _watches[p].SeesBurst(arrivals[p], lookedUs * 1e-6);
        return burst ? ControlMoment.Burst : ControlMoment.Quiet;
    }

    /// <summary>Reads the outcome of the period that ended: the pipeline that did worst moves the head-room.</summary>
    /// <param name="outcomes">One per pipeline.</param>
    /// <param name="plan">The plan in force; null = none yet.</param>
    public void Observe(ReadOnlySpan<PeriodOutcome> outcomes, Plan? plan)
    {
        var (median, lost) = (0.0, 0.0);
        foreach (var outcome in outcomes)
        {
            median = Math.Max(median, double.IsNaN(outcome.MedianUs) ? 0 : outcome.MedianUs / outcome.SloUs);
            lost = Math.Max(lost, outcome.LostQps / Math.Max(1, outcome.DemandQps));
        }

        _headroom.Observe(median, lost, plan?.ServedShare.Any(s => s < 1) == true);
    }

    /// <summary>A problem with latencies as batches take them now and with their spread, and with head-room as far as no pipeline becomes impossible to plan by it that
    /// would answer a query alone in time.</summary>
    /// <param name="problem">The problem with latencies as profiled.</param>
    public PlanningProblem Measured(PlanningProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        problem = problem with { ServiceSpread = Slowdown.Spread };
        var headroom = Headroom;
        if (headroom > 1)
        {
            foreach (var demand in problem.Pipelines)
            {
                var (leastUs, sloUs) = (FastestPath.Us(demand.Pipeline, problem.Profile, problem.Devices) * Slowdown.Factor, demand.Pipeline.SloUs * (1 - LeastSlack));
                var shareUs = sloUs * MostPadded;
                if (leastUs > 0 && leastUs <= sloUs)
                    headroom = Math.Min(headroom, (leastUs <= shareUs ? shareUs : sloUs) / leastUs);
            }
        }

        var factor = Slowdown.Factor * headroom;
        return factor == 1 ? problem : problem with { Profile = problem.Profile.Scale((_, _) => factor), Headroom = headroom };
    }
}
