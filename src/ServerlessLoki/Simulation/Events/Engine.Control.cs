using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Rules;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Monitor → forecast → plan → apply, as the host's control loop; and what is measured over time.</summary>
internal sealed partial class Engine
{
    /// <summary>How often bursts are looked for, and drained variants let go.</summary>
    private const long BurstIntervalUs = 250_000;

    /// <summary>Relative change of demand that is not worth a solve.</summary>
    private const double SteadyDrift = 0.02;

    /// <summary>After this long the machine or the fan-out may have changed, whatever the demand.</summary>
    private const long SteadyUs = 3_000_000;
    private readonly DemandWatch[] _watches;
    private readonly List<PlanSwitch> _switches = [];
    private FanOutEstimator[] _fanOut = [];
    private ArrivalHistory? _history;
    private long _periodUs;
    private long _stepUs;
    private long _lastTickUs;
    private long _lastSolveUs;
    private long _lastLookUs;
    private long _giveUpUs = long.MaxValue;
    private double _forecastQps;
    private Plan? _plan;
    private TimeIntegral _servers;
    private TimeIntegral _price;
    private bool _hasMeasured;
    private double _measuredServerUs;
    private double _measuredCost;
    private double _measuredPendingUs;
    private double[] _measuredBusyUs = [];

    private IDemandForecaster NewForecaster() =>
        _problem.Forecaster?.Invoke() ?? new MaxForecaster(new EwmaForecaster(0.5), new RisingTrendForecaster());

    private void PrepareControl()
    {
        _fanOut = [.. _cluster.Pipelines.Select(p => new FanOutEstimator(p.Pipeline, p.FanOut))];
        _history = _problem.Policy is { } policy && policy.History > TimeSpan.Zero ? new ArrivalHistory(policy.History) : null;
        _periodUs = (long)_options.ControlPeriod.TotalMicroseconds;
        _stepUs = Math.Min(_periodUs, BurstIntervalUs);
    }

    private void Start(CancellationToken cancellationToken)
    {
        var plan = _problem.Plan ?? _problem.Policy!.Plan(_cluster, cancellationToken);
        Switch(plan, _cluster, Moves(plan));
        _switches.Add(new PlanSwitch(0, 0, 0, plan));
        if (_problem.Policy is not null)
            _heap.Set(ControlActor, _stepUs);
    }

    private void ControlStep(CancellationToken cancellationToken)
    {
        _heap.Set(ControlActor, _nowUs + _stepUs);
        // The host's loop waits for a plan that is being loaded.
        if (_loading is not null)
            return;
        LetDrainedGo();
        var elapsedUs = _nowUs - _lastTickUs;
        // A plan that took long to load must not make its arrivals look like those of one interval.
        var sinceLookUs = _nowUs - _lastLookUs;
        _lastLookUs = _nowUs;
        if (elapsedUs >= _periodUs)
        {
            _lastTickUs = _nowUs;
            _slowdown.Fold();
            foreach (var watch in _watches)
                watch.Fold(elapsedUs * 1e-6);
            Replan(cancellationToken);
        }
        else if (_options.PlanOnBurst && SeesBurst(sinceLookUs * 1e-6))
        {
            Replan(cancellationToken);
        }
    }

    /// <summary>Asks every watch: each must see every interval.</summary>
    private bool SeesBurst(double seconds)
    {
        var seen = false;
        foreach (var watch in _watches)
            seen |= watch.SeesBurst(seconds);
        return seen;
    }

    private void Replan(CancellationToken cancellationToken)
    {
        var problem = Problem();
        if (!_options.AlwaysApply && IsSteady(problem))
            return;
        _lastSolveUs = _nowUs;
        problem = problem with { Recent = _history?.Window(_nowUs) };
        var candidate = _problem.Policy!.Plan(problem, cancellationToken);
        if (!_options.AlwaysApply && !PlanChange.ShouldReplace(_plan, candidate, problem))
        {
            // The slots stay; their shares follow the demand.
            Switch(_plan!, problem, []);
            return;
        }

        Apply(candidate with { Version = (_plan?.Version ?? 0) + 1 }, problem);
    }

    /// <summary>True while the demand is what was planned for and the plan still carries it: then planning anew is only work.</summary>
    private bool IsSteady(PlanningProblem problem)
    {
        if (_nowUs - _lastSolveUs >= SteadyUs || _plan!.ServedShare.Any(s => s < 1))
            return false;
        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            if (Math.Abs(problem.Pipelines[p].DemandQps - _plan.DemandQps[p]) > SteadyDrift * _plan.DemandQps[p])
                return false;
        }

        return RoutedOutcome.Of(_plan, problem).Fits;
    }

    private PlanningProblem Problem()
    {
        FoldFanOut();
        var factor = _slowdown.Factor;
        return _cluster with
        {
            Pipelines = [.. _cluster.Pipelines.Select((p, i) => p with { DemandQps = _watches[i].ForecastQps, FanOut = _fanOut[i].Current })],
            Profile = factor == 1 ? _cluster.Profile : _cluster.Profile.Scale((_, _) => factor),
            Previous = _plan,
        };
    }

    private void FoldFanOut()
    {
        foreach (var stage in _stages)
        {
            foreach (var edge in stage.Outgoing)
            {
                _fanOut[stage.Pipeline].Observe(edge.Edge, stage.Variant, edge.Parents, edge.Children);
                (edge.Parents, edge.Children) = (0, 0);
            }
        }
    }

    private void BeginMeasuring()
    {
        _pendingTime.Advance(_nowUs);
        _pendingTime.Restart(_nowUs);
        _servers.Advance(_nowUs);
        _servers.Restart(_nowUs);
        _price.Advance(_nowUs);
        _price.Restart(_nowUs);
        foreach (var device in _devices)
        {
            device.Busy.Advance(_nowUs);
            device.Busy.Restart(_nowUs);
        }
    }

    private void EndMeasuring()
    {
        _hasMeasured = true;
        _pendingTime.Advance(_nowUs);
        _servers.Advance(_nowUs);
        _price.Advance(_nowUs);
        foreach (var device in _devices)
            device.Busy.Advance(_nowUs);
        _measuredPendingUs = _pendingTime.Area;
        _measuredServerUs = _servers.Area;
        _measuredCost = _price.Area;
        _measuredBusyUs = [.. _devices.Select(d => d.Busy.Area)];
    }
}
