using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Serving.Control;

/// <summary>Control loop: monitor, forecast, plan and apply every period, and earlier when a burst arrives.</summary>
internal sealed class ControlLoop(
    ImmutableArray<Pipeline> pipelines, LatencyProfile profile, IFleet fleet, IngressMonitor monitor, SlowdownMonitor slowdown,
    SlotManager slots, ServingMetrics metrics, ServingClock clock, EngineOptions options, IEnumerable<IDemandForecaster> forecasters, ILogger<ControlLoop> logger) : IDisposable
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);
    /// <summary>Accuracy difference that is not worth a new plan, 0..1: a fifth of a percentage point, less than the computing time of a
    /// plan is worth.</summary>
    private const double PlanGap = 0.002;
    private static readonly TimeSpan PlanTime = TimeSpan.FromMilliseconds(150);
    private readonly ImmutableArray<PipelineWatch> _watches = [.. metrics.Pipelines.Select(m => new PipelineWatch(m))];
    private readonly DoorWatch _door = new(metrics, pipelines.Min(p => p.SloUs), options.Parallelism);
    private readonly ImmutableArray<DemandCount> _demand = [.. pipelines.Select(_ => new DemandCount())];
    private readonly long[] _demanded = new long[pipelines.Length];
    private readonly ControlCycle _cycle = new(
        forecasters.Select(f => (f, 0.0)), (long)options.ControlPeriod.TotalMicroseconds);
    private volatile LatencyProfile _profile = profile;
    private readonly SemaphoreSlim _planning = new(1, 1);
    private readonly ISolver _solver = new BranchAndBoundSolver();
    private volatile PlannerState _state = PlannerState.None;
    private volatile Plan? _forced;
    private Planner _planner = new(null);

    /// <summary>Memory of variants whose files do not say it, by name, MiB.</summary>
    public ImmutableDictionary<string, double> MemoryMiB { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Plan in force, and the problem that it answers.</summary>
    public PlannerState Current => _state;

    /// <summary>Description of the current fault and of the plan that was kept; null once a plan was applied, or the plan in force was found
    /// good.</summary>
    public string? LastFault { get; private set; }

    /// <summary>The last control period; null before the first has ended.</summary>
    public ControlTick? LastTick { get; private set; }

    public event Action<ControlTick>? Ticked;

    public void UsePolicy(string name)
    {
        var policy = options.KnownPolicies.Create(name, _solver, clock.Time);
        monitor.Keep(policy.History);
        _planner = new Planner(policy);
    }

    public void Force(Plan? plan) => _forced = plan;

    /// <summary>Replaces the profile; the next plan uses it.</summary>
    public void UseProfile(LatencyProfile measured) => _profile = measured;

    public ImmutableArray<double> ForecastQps => [.. pipelines.Select((_, p) => _cycle.ForecastQps(p))];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds(_cycle.StepUs), clock.Time);
        var lastHeartbeat = clock.Time.GetTimestamp();
        _cycle.Start(clock.NowUs);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await slots.CareAsync(cancellationToken);
                if (slots.TakeWantsPlan())
                    await ReplanAsync(cancellationToken, always: true);
                await LookAsync(cancellationToken);
                if (clock.Time.GetElapsedTime(lastHeartbeat) < HeartbeatInterval)
                    continue;
                lastHeartbeat = clock.Time.GetTimestamp();
                await slots.HeartbeatAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The loop must outlive any single fault; the plan in force stays.
                LastFault = $"{exception.Message} The plan in force stays.";
                logger.TickFailed(exception);
            }
        }
    }

    /// <summary>Plans for the current forecast and applies a plan that is better than the one in force.</summary>
    public async Task ReplanAsync(CancellationToken cancellationToken, bool always = false)
    {
        await _planning.WaitAsync(cancellationToken);
        try
        {
            var seen = new PlanObservation(Problem()) { Recent = monitor.Recent, Forced = _forced, MustReplace = always };
            var started = clock.Time.GetTimestamp();
            var decision = _planner.Step(_state, seen, clock.NowUs, cancellationToken);
            if (decision.Action == PlanAction.Keep)
                return;
            metrics.PlanUs.Record((long)clock.Time.GetElapsedTime(started).TotalMicroseconds);
            _state = _state.Unapplied(decision.Next);
            if (decision.Action == PlanAction.Refresh)
                await slots.RefreshAsync(decision.Plan, decision.Problem, decision.ScalesAccuracy, cancellationToken);
            else
                await slots.ApplyAsync(decision.Plan, decision.Problem, decision.ScalesAccuracy, cancellationToken);
            _state = decision.Next;
            LastFault = null;
        }
        catch (VariantLoadException exception)
        {
            LastFault = $"{exception.Message} The plan in force stays.";
            logger.ApplyFailed(exception);
            if (_state.Plan is null)
                throw;
        }
        finally
        {
            _planning.Release();
        }
    }

    public void Dispose() => _planning.Dispose();

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var nowUs = clock.NowUs;
        for (var p = 0; p < _demanded.Length; p++)
            _demanded[p] = _demand[p].Take(nowUs, metrics.Pipelines[p].Urgent, metrics.Pipelines[p].UrgentRefused);
        monitor.Believe(_demand);
        slowdown.Drain(_cycle.Slowdown);
        _door.Look(nowUs);
        var moment = _cycle.Look(nowUs, _demanded);
        if (moment == ControlMoment.Quiet)
            return;
        var elapsed = TimeSpan.FromMicroseconds(_cycle.ElapsedUs);
        ImmutableArray<PipelineTick>? ticks = null;
        if (moment == ControlMoment.Period)
        {
            ticks = [.. _watches.Select((w, p) => w.Fold(_demanded[p], elapsed, _cycle.ForecastQps(p)))];
            _cycle.Observe(
                [.. ticks.Value.Select((t, p) => new PeriodOutcome(t.P50Ms * 1000, pipelines[p].SloUs, t.DemandQps, t.LostQps))],
                _state.Plan);
        }

        await ReplanAsync(cancellationToken);
        if (ticks is not { } seen || _state.Plan is not { } plan)
            return;
        LastTick = new ControlTick(clock.Time.GetUtcNow(), elapsed, plan, _cycle.Slowdown.Factor, _cycle.Headroom, seen);
        Ticked?.Invoke(LastTick);
    }

    private PlanningProblem Problem() => _cycle.Measured(new()
    {
        Pipelines = [.. pipelines.Select((p, i) => new PipelineDemand(p, _cycle.ForecastQps(i), monitor.FoldFanOut(i)))],
        Devices = fleet.Devices,
        Profile = slots.Usable(_profile),
        LoadTime = slots.LoadTime,
        MeasuredMemoryMiB = MemoryMiB,
        Options = new PlanningOptions
        {
            Utilization = options.Utilization * (1 - _door.Load), ProcessingShare = 0.5 * (1 - _door.SloShare), MaxBatch = options.MaxBatch, FillLeftover = true, RelativeGap = PlanGap, TimeLimit = PlanTime,
        },
    });
}
