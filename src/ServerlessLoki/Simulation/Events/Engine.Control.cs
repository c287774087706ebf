using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Control loop like the host's: monitor, forecast, plan, apply; and the measurements over time.</summary>
internal sealed partial class Engine
{
    private readonly ControlCycle _cycle;
    private readonly Planner? _planner;
    private PlannerState _state = PlannerState.None;
    private readonly long[] _arrivals;
    private readonly long[] _refused;
    private readonly DemandCount[] _demand;
    private readonly long[] _demanded;
    private readonly PeriodMeter[] _periods;
    private readonly List<PlanSwitch> _switches = [];
    private FanOutEstimator[] _fanOut = [];
    private ArrivalHistory? _history;
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
        _problem.Forecaster?.Invoke() ?? ForecasterRegistry.Default.Create(Forecasters.Default);

    private void PrepareControl()
    {
        _fanOut = [.. _cluster.Pipelines.Select(p => new FanOutEstimator(p.Pipeline, p.FanOut))];
        _history = _problem.Policy is { } policy && policy.History > TimeSpan.Zero ? new ArrivalHistory(policy.History) : null;
    }

    private void Start(CancellationToken cancellationToken)
    {
        var plan = _problem.Plan ?? _problem.Policy!.Plan(_cluster, cancellationToken);
        _state = new PlannerState { Plan = plan, Problem = _cluster };
        Switch(plan, _cluster, Moves(plan));
        _switches.Add(new PlanSwitch(0, 0, 0, plan));
        if (_problem.Policy is not null || _options.FollowSlowdown)
            _heap.Set(ControlActor, _cycle.StepUs);
    }

    private void ControlStep(CancellationToken cancellationToken)
    {
        _heap.Set(ControlActor, _nowUs + _cycle.StepUs);
        // The host's loop waits for a plan that is being loaded.
        if (_loading is not null)
            return;
        LetDrainedGo();
        for (var p = 0; p < _demanded.Length; p++)
            _demanded[p] = _demand[p].Take(_nowUs, _arrivals[p], _refused[p]);
        _history?.Believe(_demand);
        var moment = _cycle.Look(_nowUs, _demanded);
        if (moment == ControlMoment.Period)
            ObservePeriod();
        if (_problem.Policy is null)
        {
            if (moment == ControlMoment.Period)
                Switch(_plan!, _cycle.Measured(_cluster), []);
            return;
        }

        if (moment == ControlMoment.Period || (moment == ControlMoment.Burst && _options.PlanOnBurst) || (_faults.Length > 0 && Planner.HasLostSlot(_state, UsableDevices())))
            Replan(cancellationToken);
    }

    private void ObservePeriod()
    {
        if (_periods.Length == 0)
            return;
        var seconds = _cycle.ElapsedUs * 1e-6;
        var outcomes = new PeriodOutcome[_periods.Length];
        for (var p = 0; p < outcomes.Length; p++)
            outcomes[p] = _periods[p].End(_cluster.Pipelines[p].Pipeline.SloUs, _arrivals[p], _demanded[p], seconds);
        _cycle.Observe(outcomes, _plan);
    }

    private void Replan(CancellationToken cancellationToken)
    {
        var decision = _planner!.Step(
            _state, new PlanObservation(Problem()) { Recent = () => _history?.Window(_nowUs), MustReplace = _options.AlwaysApply }, _nowUs, cancellationToken);
        // No load fails here.
        _state = decision.Next;
        if (decision.Action == PlanAction.Refresh)
            Switch(decision.Plan, decision.Problem, []);
        else if (decision.Action == PlanAction.Apply)
            Apply(decision.Plan, decision.Problem);
    }

    private PlanningProblem Problem()
    {
        FoldFanOut();
        return _cycle.Measured(_cluster with { Devices = UsableDevices() }) with
        {
            Pipelines = [.. _cluster.Pipelines.Select((p, i) => p with { DemandQps = _cycle.ForecastQps(i), FanOut = _fanOut[i].Current })],
        };
    }

    private void FoldFanOut()
    {
        foreach (var stage in _stages)
        {
            foreach (var edge in stage.Outgoing)
            {
                _fanOut[stage.Pipeline].Observe(edge.Edge, stage.Variant, edge.Parents, edge.Children, edge.Squares);
                (edge.Parents, edge.Children, edge.Squares) = (0, 0, 0);
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
