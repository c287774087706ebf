using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Metrics;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Control;

/// <summary>Monitor → forecast → plan → apply, every period; sooner when a burst arrives.</summary>
internal sealed class ControlLoop(
    ImmutableArray<Pipeline> pipelines, LatencyProfile profile, IFleet fleet, IngressMonitor monitor, SlowdownMonitor slowdown,
    SlotManager slots, ServingMetrics metrics, TimeProvider time, EngineOptions options, ILogger<ControlLoop> logger) : IDisposable
{
    private static readonly TimeSpan BurstInterval = TimeSpan.FromMilliseconds(250);
    /// <summary>Relative change of demand that is not worth a solve.</summary>
    private const double SteadyDrift = 0.02;

    /// <summary>After this long the machine or the fan-out may have changed, whatever the demand.</summary>
    private static readonly TimeSpan SteadyFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);
    /// <summary>A fifth of a point: less is not worth the cores that the models need.</summary>
    private const double PlanGap = 0.002;
    private static readonly TimeSpan PlanTime = TimeSpan.FromMilliseconds(150);
    private readonly ImmutableArray<PipelineWatch> _watches =
        [.. metrics.Pipelines.Select(m => new PipelineWatch(m, new MaxForecaster(new EwmaForecaster(0.5), new RisingTrendForecaster())))];
    private readonly SemaphoreSlim _planning = new(1, 1);
    private readonly HeadroomControl _headroom = new();
    private readonly ISolver _solver = new BranchAndBoundSolver();
    private volatile InForce? _inForce;
    private volatile Plan? _forced;
    private IPlanningPolicy? _policy;
    private long _version;
    private long _lastLook = time.GetTimestamp();
    private long _lastSolve;

    /// <summary>A plan and the problem it answers.</summary>
    public sealed record InForce(Plan Plan, PlanningProblem Problem);

    public InForce? Current => _inForce;

    /// <summary>What goes wrong and what was kept instead; null once a plan was applied, or that in force found good.</summary>
    public string? LastFault { get; private set; }

    /// <summary>The last control period; null before the first has ended.</summary>
    public ControlTick? LastTick { get; private set; }

    public event Action<ControlTick>? Ticked;

    public void UsePolicy(string name)
    {
        var policy = PlanningPolicies.Create(name, _solver, time);
        monitor.Keep(policy.History);
        _policy = policy;
    }

    public void Force(Plan? plan) => _forced = plan;

    public ImmutableArray<double> ForecastQps => [.. _watches.Select(w => w.ForecastQps)];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BurstInterval, time);
        var (lastTick, lastHeartbeat) = (time.GetTimestamp(), time.GetTimestamp());
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await slots.CareAsync(cancellationToken);
                if (time.GetElapsedTime(lastTick) is var elapsed && elapsed >= options.ControlPeriod)
                {
                    lastTick = _lastLook = time.GetTimestamp();
                    await TickAsync(elapsed, cancellationToken);
                }
                else if (SeesBurst())
                {
                    await ReplanAsync(cancellationToken);
                }

                if (time.GetElapsedTime(lastHeartbeat) < HeartbeatInterval)
                    continue;
                lastHeartbeat = time.GetTimestamp();
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

    /// <summary>Plans for the present forecast and applies what is better than the plan in force.</summary>
    public async Task ReplanAsync(CancellationToken cancellationToken, bool always = false)
    {
        await _planning.WaitAsync(cancellationToken);
        try
        {
            var problem = Problem();
            var forced = _forced;
            if (!always && forced is null && _inForce is { } steady && IsSteady(steady.Plan, problem))
                return;
            problem = problem with { Recent = monitor.Recent() };
            var started = _lastSolve = time.GetTimestamp();
            var candidate = forced ?? _policy!.Plan(problem, cancellationToken);
            metrics.PlanUs.Record((long)time.GetElapsedTime(started).TotalMicroseconds);
            if (!always && forced is not null && _inForce?.Plan.Slots.SequenceEqual(forced.Slots) == true)
            {
                LastFault = null;
                return;
            }

            if (!always && forced is null && _inForce is { } current && !PlanChange.ShouldReplace(current.Plan, candidate, problem))
            {
                // The slots stay; their shares follow the demand.
                await slots.RefreshAsync(current.Plan, problem, _policy!.ScalesAccuracy, cancellationToken);
                LastFault = null;
                return;
            }

            candidate = candidate with { Version = ++_version };
            await slots.ApplyAsync(candidate, problem, forced is null && _policy!.ScalesAccuracy, cancellationToken);
            _inForce = new InForce(candidate, problem);
            LastFault = null;
        }
        catch (VariantLoadException exception)
        {
            LastFault = $"{exception.Message} The plan in force stays.";
            logger.ApplyFailed(exception);
            if (_inForce is null)
                throw;
        }
        finally
        {
            _planning.Release();
        }
    }

    public void Dispose() => _planning.Dispose();

    /// <summary>Asks every pipeline's watch: each must see every interval.</summary>
    private bool SeesBurst()
    {
        // What really passed: the loop may have been loading models for several intervals.
        var elapsed = time.GetElapsedTime(_lastLook);
        _lastLook = time.GetTimestamp();
        var seen = false;
        foreach (var watch in _watches)
            seen |= watch.SeesBurst(elapsed);
        return seen;
    }

    private async Task TickAsync(TimeSpan elapsed, CancellationToken cancellationToken)
    {
        slowdown.Fold();
        var ticks = _watches.Select(w => w.Fold(elapsed)).ToImmutableArray();
        ObserveHeadroom(ticks);
        await ReplanAsync(cancellationToken);
        if (_inForce is not { } current)
            return;
        LastTick = new ControlTick(time.GetUtcNow(), elapsed, current.Plan, slowdown.Factor, _headroom.Factor, ticks);
        Ticked?.Invoke(LastTick);
    }

    /// <summary>True while the demand is what was planned for and the plan still carries it: then planning anew is only work.</summary>
    private bool IsSteady(Plan plan, PlanningProblem problem) =>
        time.GetElapsedTime(_lastSolve) < SteadyFor
        && plan.ServedShare.All(s => s >= 1)
        && problem.Pipelines.Select((p, i) => Math.Abs(p.DemandQps - plan.DemandQps[i]) <= SteadyDrift * plan.DemandQps[i]).All(x => x)
        && RoutedOutcome.Of(plan, problem).Fits;

    private void ObserveHeadroom(ImmutableArray<PipelineTick> ticks)
    {
        var (median, lost) = (0.0, 0.0);
        for (var i = 0; i < ticks.Length; i++)
        {
            median = Math.Max(median, double.IsNaN(ticks[i].P50Ms) ? 0 : ticks[i].P50Ms * 1000 / pipelines[i].SloUs);
            lost = Math.Max(lost, (ticks[i].RejectedQps + ticks[i].ExpiredQps) / Math.Max(1, ticks[i].DemandQps));
        }

        _headroom.Observe(median, lost, _inForce?.Plan.ServedShare.Any(s => s < 1) == true);
    }

    private PlanningProblem Problem() => new()
    {
        Pipelines = [.. pipelines.Select((p, i) => new PipelineDemand(p, _watches[i].ForecastQps, monitor.FoldFanOut(i)))],
        Devices = fleet.Devices,
        Profile = profile.Scale((_, _) => slowdown.Factor * _headroom.Factor),
        Previous = _inForce?.Plan,
        Options = new PlanningOptions
        {
            Utilization = options.Utilization, MaxBatch = options.MaxBatch, FillLeftover = true, RelativeGap = PlanGap, TimeLimit = PlanTime,
        },
    };
}
