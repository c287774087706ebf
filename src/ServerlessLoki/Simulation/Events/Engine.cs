using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>One simulation. The loop processes the earliest event: a timer, a row at the end of its hop, or an arrival.</summary>
internal sealed partial class Engine
{
    // Actors of the heap: the fixed ones, then workers. Pools that wait for company have a heap of their own: at one moment they look last.
    private const int ControlActor = 0;
    private const int LoadActor = 1;
    private const int FaultActor = 2;
    private const int MeasureActor = 3;
    private const int EndActor = 4;
    private const int CoresActor = 5;
    private const int FirstActor = 6;
    private const int CancellationMask = (1 << 16) - 1;

    private readonly SimulationProblem _problem;
    private readonly SimulationOptions _options;
    private readonly PlanningProblem _cluster;
    private readonly Stage[] _stages;
    private readonly int[][] _stageBase;
    private readonly Device[] _devices;
    private readonly EventHeap _heap = new();
    private readonly EventHeap _wakes = new();
    private readonly HopRing _hops = new();
    private readonly Tally[] _tallies;
    private readonly SecondMeter _second;
    private readonly ArrivalStream _stream;
    private readonly ClientLoop? _clients;
    private readonly AdmissionMargin[] _margins;
    private readonly double[] _leastUs;
    private readonly long _hopUs;
    private readonly long _warmUpUs;
    private readonly long _longestSloUs;
    private readonly ulong _seed;
    private Arrival _arrival;
    private long _arrivalUs;
    private long _nowUs;
    private long _lastArrivalUs;
    private long _endUs = long.MaxValue;
    private long _events;
    private RoutingTable _table = null!;

    public Engine(SimulationProblem problem)
    {
        Checks.Validate(problem);
        _problem = problem;
        _options = problem.Options;
        // What the cluster's profile says is true here, head-room or not.
        _cluster = problem.Cluster with { LoadTime = problem.Options.ModelLoad, Headroom = 1 };
        _hopUs = (long)_options.HopLatency.TotalMicroseconds;
        _warmUpUs = (long)_options.WarmUp.TotalMicroseconds;
        _longestSloUs = _cluster.Pipelines.Max(p => p.Pipeline.SloUs);
        if (_options.HostCores is { } host)
            (_cores, _beforeUs, _afterUs) = (new CoreShare(host.Cores), host.BeforeQuery.TotalMicroseconds, host.AfterQuery.TotalMicroseconds);
        _seed = ItemKeys.Seed(_options.Seed);
        _unanswered = _options.SeparateProcesses ? new UnansweredWork(_cluster.Pipelines.Length) : null;
        _tallies = [.. _cluster.Pipelines.Select(_ => new Tally())];
        _second = new SecondMeter(problem.Arrivals.DurationUs);
        _stream = problem.Arrivals.Open(_options.Seed);
        _clients = problem.Arrivals.Clients is { IsEmpty: false } clients ? new ClientLoop(clients, _options.Seed) : null;
        (_stages, _stageBase) = Layout.Stages(problem);
        _devices = Layout.Devices(problem);
        _cycle = new ControlCycle(
            _cluster.Pipelines.Select(p => (NewForecaster(), p.DemandQps)), (long)_options.ControlPeriod.TotalMicroseconds);
        _planner = problem.Policy is { } policy ? new Planner(policy) : null;
        _arrivals = new long[_cluster.Pipelines.Length];
        _refused = new long[_arrivals.Length];
        _demand = [.. _arrivals.Select(_ => new DemandCount())];
        _demanded = new long[_arrivals.Length];
        _margins = _options.MeasuredAdmission ? [.. _arrivals.Select(_ => new AdmissionMargin())] : [];
        _leastUs = [.. _cluster.Pipelines.Select(p => FastestPath.Us(p.Pipeline, _cluster.Profile, _cluster.Devices))];
        _periods = _options.Headroom ? [.. _cluster.Pipelines.Select(_ => new PeriodMeter())] : [];
        _heap.Reserve(FirstActor);
        PrepareControl();
        PrepareFaults();
    }

    public SimulationResult Run(CancellationToken cancellationToken)
    {
        if (_warmUpUs > 0)
            _heap.Set(MeasureActor, _warmUpUs);
        ReadArrival();
        Start(cancellationToken);
        while (true)
        {
            var timerUs = _heap.NextUs;
            var hopUs = _hops.NextUs;
            var clientUs = _clients?.NextUs ?? long.MaxValue;
            var nextUs = Math.Min(Math.Min(Math.Min(timerUs, hopUs), Math.Min(_wakes.NextUs, _expiryUs)), Math.Min(_arrivalUs, clientUs));
            if (nextUs == long.MaxValue || (_nowUs >= _endUs && _pending == 0 && !HostIsBusy && !WorkersAreBusy) || nextUs > _giveUpUs)
                break;
            _nowUs = nextUs;
            if (nextUs >= _second.NextUs)
                _second.Roll(nextUs, _forecastQps, (int)_servers.Level);
            if ((++_events & CancellationMask) == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (timerUs == nextUs)
                Act(_heap.NextActor, cancellationToken);
            else if (_expiryUs == nextUs)
                ExpireNow();
            else if (hopUs == nextUs)
                Deliver();
            else if (_arrivalUs == nextUs)
                Arrive();
            else if (clientUs == nextUs)
                Ask();
            else
                Wake();
        }

        return Finish();
    }

    private void Act(int actor, CancellationToken cancellationToken)
    {
        _heap.Remove(actor);
        if (actor >= FirstActor)
        {
            EndBatches(actor - FirstActor);
            return;
        }

        switch (actor)
        {
            case ControlActor:
                ControlStep(cancellationToken);
                break;
            case LoadActor:
                EndLoading();
                break;
            case FaultActor:
                NextFault();
                break;
            case CoresActor:
                EndJob();
                break;
            case MeasureActor:
                BeginMeasuring();
                break;
            default:
                EndMeasuring();
                break;
        }
    }

    private void Wake()
    {
        var pool = _pools[_wakes.NextActor];
        _wakes.Remove(pool.Index);
        Touch(pool.Stage);
        RunTouched();
    }

    private void ReadArrival()
    {
        var before = _arrivalUs;
        if (_stream.TryNext(out _arrival))
        {
            if (_arrival.AtUs < before || (uint)_arrival.Pipeline >= (uint)_cluster.Pipelines.Length)
                throw new InvalidOperationException($"Arrival at {_arrival.AtUs} µs for pipeline {_arrival.Pipeline}: times must not fall, there are {_cluster.Pipelines.Length} pipelines.");
            _arrivalUs = _arrival.AtUs;
            return;
        }

        _arrivalUs = long.MaxValue;
        var clientsUs = _problem.Arrivals.Clients.Select(c => c.DurationUs).DefaultIfEmpty(0).Max();
        _endUs = Math.Max(_lastArrivalUs, Math.Max(_problem.Arrivals.DurationUs ?? 0, clientsUs));
        _giveUpUs = _endUs + (long)_options.Drain.TotalMicroseconds;
        _heap.Set(EndActor, _endUs);
    }

    private SimulationResult Finish()
    {
        if (!_hasMeasured)
            EndMeasuring();
        GiveUpPending();
        GiveUpOnTheWay();
        var windowUs = Math.Max(0, _endUs - _warmUpUs);
        _second.Roll(_nowUs + 1_000_000, _forecastQps, (int)_servers.Level);
        var total = new Tally();
        foreach (var tally in _tallies)
            total.Add(tally);
        var divisor = Math.Max(1.0, windowUs);
        return new SimulationResult
        {
            Total = total.Metrics(windowUs),
            Pipelines = [.. _tallies.Select(t => t.Metrics(windowUs))],
            WorstAccuracy = _second.WorstAccuracy(_warmUpUs, _endUs),
            Seconds = _second.Seconds(),
            Stages = [.. _stages.Where(s => s.Batches > 0 || s.RowsGivenUp > 0)
                .Select(s => new StageSample(s.Pipeline, s.Task, s.Variant, s.RowsServed, s.Batches, s.RowsGivenUp))],
            Plans = [.. _switches],
            ServersUsed = _measuredServerUs / divisor,
            Swaps = _swaps,
            Cost = _measuredCost / 3.6e9,
            Utilization = [.. _measuredBusyUs.Zip(_devices, (busy, d) => busy / divisor / d.Threads)],
            MeanInFlight = _measuredPendingUs / divisor,
            MaxInFlight = _maxPending,
            WindowUs = windowUs,
            Events = _events,
        };
    }
}
