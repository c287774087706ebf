using ServerlessLoki.Batching;
using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>The two halves of a plan change, as the host's: load beside, then switch at once.</summary>
internal sealed partial class Engine
{
    /// <summary>A variant that the plan no longer has stays this long after its last row: the next plan may want it back.</summary>
    private const long LingerUs = 1_000_000;
    private readonly Stack<int> _freeWorkers = new();
    private Loading? _loading;
    private int _swaps;

    private sealed record Loading(Plan Plan, PlanningProblem Problem, List<Move> Moves, long DecidedUs);

    private readonly record struct Move(Device Device, Slot Slot, int Stage, bool IsFree);

    private void Apply(Plan plan, PlanningProblem problem)
    {
        var moves = Moves(plan);
        var loading = new Loading(plan, problem, moves, _nowUs);
        var loadUs = (long)_options.ModelLoad.TotalMicroseconds;
        _loading = loading;
        if (moves.Count == 0 || loadUs == 0)
        {
            EndLoading();
            return;
        }

        foreach (var move in moves)
        {
            CountServer(move.Device, LoadingServers(move));
            if (!_options.LoadBeside)
                Retire(move.Slot);
        }

        LetSparedGo();
        var parallel = Math.Min(moves.Count, _options.ParallelLoads ?? int.MaxValue);
        _heap.Set(LoadActor, _nowUs + ((long)((moves.Count + parallel - 1) / parallel) * loadUs));
    }

    /// <summary>A slot that loads is occupied, by its old variant or by the load.</summary>
    private int LoadingServers(Move move) => move.IsFree || !_options.LoadBeside ? _stages[move.Stage].SlotsPerWorker : 0;

    private void EndLoading()
    {
        var loading = _loading!;
        _loading = null;
        if (_nowUs > loading.DecidedUs)
        {
            foreach (var move in loading.Moves)
                CountServer(move.Device, -LoadingServers(move));
        }

        _swaps += loading.Moves.Count;
        Switch(loading.Plan, loading.Problem, loading.Moves);
        _switches.Add(new PlanSwitch(loading.DecidedUs, _nowUs, loading.Moves.Count, loading.Plan));
    }

    /// <summary>Slots that must change, with what they shall run. Slots that are down come last.</summary>
    private List<Move> Moves(Plan plan)
    {
        var moves = new List<Move>();
        foreach (var device in _devices)
        {
            var wanted = new int[_stages.Length];
            foreach (var group in plan.Slots)
            {
                if (group.Device == device.Index)
                    wanted[StageOf(group)] += WorkersOf(group);
            }

            var slots = device.Slots.OrderBy(s => s.IsDown).ToArray();
            var current = slots.Select(s => s.Worker < 0 ? (int?)null : s.Assigned).ToArray();
            var next = SlotMatching.Match(current, wanted.Select((replicas, stage) => KeyValuePair.Create(stage, replicas)));
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] is { } stage && stage != current[i])
                    moves.Add(new Move(device, slots[i], stage, slots[i].Worker < 0));
            }
        }

        return moves;
    }

    private int StageOf(SlotGroup group) => _stageBase[group.Pipeline][group.Task] + group.Variant;

    /// <summary>A replica whose cores are fixed runs one batch at a time on all of them; one whose cores the plan chose runs a query
    /// on each (infadapter.md 4), as so many single slots would.</summary>
    private int WorkersOf(SlotGroup group) => _stages[StageOf(group)].HasFixedCores ? group.Replicas : group.SlotsTaken;

    private void Switch(Plan plan, PlanningProblem problem, List<Move> moves)
    {
        _plan = plan;
        _forecastQps = problem.Pipelines.Sum(p => p.DemandQps);
        ImmutableArray<SlotGroup> standby = _options.Standby && _problem.Policy?.ScalesAccuracy != false ? StandbyGroups.Of(plan, problem) : [];
        _table = RoutingTable.Build(problem, plan with { Slots = [.. plan.Slots, .. standby] });
        var planned = Tune(plan, standby, problem);
        foreach (var (device, slot, stage, _) in moves)
        {
            Retire(slot);
            slot.Assigned = stage;
            slot.Worker = slot.IsDown ? -1 : AddWorker(PoolOf(_stages[stage], device), slot);
        }

        FreeUnwanted(plan);
        foreach (var pool in _pools)
        {
            if (pool.IsPlanned && !planned.Contains(pool))
                (pool.IsPlanned, pool.WaitBatch, pool.LastUsedUs) = (false, 1, _nowUs);
        }

        KeepStandby(standby);
        LetSparedGo();
        Relink();
        foreach (var device in _devices)
            RunDevice(device);
        RunTouched();
    }

    /// <summary>Backups are loaded beside the slots, as many as may compute at once; the load of the plan hides theirs.</summary>
    private void KeepStandby(ImmutableArray<SlotGroup> standby)
    {
        var wanted = standby.Select(g => PoolOf(_stages[StageOf(g)], _devices[g.Device])).ToHashSet();
        foreach (var pool in _pools)
        {
            if (pool.IsStandby && !wanted.Contains(pool))
                pool.LastUsedUs = _nowUs;
            pool.IsStandby = wanted.Contains(pool);
            for (var i = pool.IsStandby && pool.Workers == pool.Retiring ? pool.Device.Threads : 0; i > 0; i--)
                AddWorker(pool, null);
        }
    }

    /// <summary>Batches, routes and expected times of the plan's pools.</summary>
    private HashSet<Pool> Tune(Plan plan, ImmutableArray<SlotGroup> standby, PlanningProblem problem)
    {
        var below = QueryCosts.Of(plan, problem, parallelism: 1).BelowRootUs;
        var planned = new HashSet<Pool>();
        foreach (var groups in plan.Slots.Concat(standby).GroupBy(g => (Stage: StageOf(g), g.Device)))
        {
            var pool = PoolOf(_stages[groups.Key.Stage], _devices[groups.Key.Device]);
            var (stage, type) = (pool.Stage, problem.Devices[groups.Key.Device]);
            var batch = groups.Max(g => g.Batch);
            pool.Latency = problem.Profile.Find(VariantName(stage), type.Name) ?? pool.Latency;
            pool.SingleUs = pool.Latency.LatencyUs(1);
            pool.MaxBatch = batch;
            pool.WaitBatch = PoolBatching.BatchNeeded(
                groups.Sum(WorkersOf), batch, groups.Sum(g => g.LoadQps), pool.Latency, type.SlotShare);
            pool.HasRoute = _table.Option(stage.Pipeline, stage.Task, stage.Variant) is { } route;
            pool.Route = _table.Option(stage.Pipeline, stage.Task, stage.Variant) ?? default;
            var rowUs = (pool.Latency.LatencyUs(batch) / batch) + (stage.Task == 0 ? below[stage.Pipeline] : 0);
            // A queue that several device types serve is shared among them by capacity.
            var capacity = plan.Slots.Where(s => StageOf(s) == stage.Index).Sum(s => s.CapacityQps);
            var share = capacity > 0 ? groups.Sum(g => g.CapacityQps) / capacity : 1;
            pool.RowCostNs = (long)(rowUs * share * 1000);
            pool.IsPlanned = groups.Any(g => g.LoadQps > 0 || g.CapacityQps > 1e-3);
            if (pool.IsPlanned)
                planned.Add(pool);
        }

        return planned;
    }

    /// <summary>The slot's worker, if it has one, serves no more than it must.</summary>
    private void Retire(Slot slot)
    {
        if (slot.Worker < 0)
            return;
        var worker = _workers[slot.Worker];
        worker.IsRetiring = true;
        worker.Slot = null;
        worker.Pool.Retiring++;
        slot.Worker = -1;
    }

    /// <summary>Slots that the plan leaves free.</summary>
    private void FreeUnwanted(Plan plan)
    {
        foreach (var device in _devices)
        {
            var left = new int[_stages.Length];
            foreach (var group in plan.Slots)
            {
                if (group.Device == device.Index)
                    left[StageOf(group)] += WorkersOf(group);
            }

            foreach (var slot in device.Slots.OrderBy(s => s.IsDown))
            {
                if (slot.Assigned < 0 || left[slot.Assigned]-- > 0)
                    continue;
                Retire(slot);
                slot.Assigned = -1;
            }
        }
    }

    private Pool PoolOf(Stage stage, Device device)
    {
        if (stage.ByDevice[device.Index] is { } known)
            return known;
        var name = VariantName(stage);
        var profiled = _cluster.Profile.Find(name, device.Name)
            ?? throw new ArgumentException($"The plan runs {name} on {device.Name}, where it was not profiled.", nameof(stage));
        var (truth, real) = (_cluster.Profile, profiled);
        if (_problem.TrueProfile is { } measured && measured.Find(name, device.Name) is { } latency)
            (truth, real) = (measured, latency);
        var pool = new Pool(_pools.Count, stage, device, profiled, real, Layout.Sigma(_options.Noise, truth, name, device.Name))
        {
            Aimd = _options.Batching == BatchingRule.Aimd ? new AimdBatching() : null,
        };
        _pools.Add(pool);
        _heap.Reserve(PoolActor(pool) + 1);
        return stage.ByDevice[device.Index] = pool;
    }

    private string VariantName(Stage stage) => _cluster.Pipelines[stage.Pipeline].Pipeline.Tasks[stage.Task].Variants[stage.Variant].Name;

    private int AddWorker(Pool pool, Slot? slot)
    {
        if (!_freeWorkers.TryPop(out var w))
        {
            w = _workersUsed++;
            if (w == _workers.Length)
                Array.Resize(ref _workers, Math.Max(16, 2 * w));
            _workers[w] = new Worker();
            _heap.Reserve(WorkerActor(w) + 1);
        }

        var worker = _workers[w];
        (worker.Pool, worker.Slot, worker.IsBusy, worker.IsRetiring, worker.IsBeside, worker.FirstRow) = (pool, slot, false, false, slot is null, -1);
        if (pool.Workers++ == 0)
            pool.Device.Pools.Add(pool);
        pool.Stage.Workers++;
        PushIdle(pool, w);
        CountServer(pool.Device, slot is null ? 0 : pool.Stage.SlotsPerWorker);
        return w;
    }

    /// <summary>Takes a worker away that is neither busy nor among the idle.</summary>
    private void RemoveWorker(int w)
    {
        var pool = _workers[w].Pool;
        if (_workers[w].IsRetiring)
            pool.Retiring--;
        _workers[w].IsRetiring = false;
        pool.Stage.Workers--;
        if (--pool.Workers == 0)
            pool.Device.Pools.Remove(pool);
        _freeWorkers.Push(w);
        pool.Stage.RowsPerUs = RowsPerUs(pool.Stage);
        CountServer(pool.Device, _workers[w].IsBeside ? 0 : -pool.Stage.SlotsPerWorker);
    }

    private void CountServer(Device device, int change)
    {
        _servers.Add(_nowUs, change);
        _price.Add(_nowUs, change * device.PricePerHour);
    }

    /// <summary>Idle workers that retire leave, but for the last of a queue.</summary>
    private void LetSparedGo()
    {
        for (var w = 0; w < _workersUsed; w++)
        {
            var worker = _workers[w];
            if (!worker.IsRetiring || worker.IsBusy || worker.Pool.Stage.Workers == 1)
                continue;
            UnlinkIdle(worker.Pool, w);
            RemoveWorker(w);
        }
    }

    /// <summary>Variants outside the plan leave when their queue has been empty for a while.</summary>
    private void LetDrainedGo()
    {
        LetSparedGo();
        var changed = false;
        foreach (var pool in _pools)
        {
            if (pool.IsPlanned || pool.IsStandby || pool.Workers == 0 || pool.IdleCount < pool.Workers || pool.Stage.Queue.Count > 0
                || _nowUs - pool.LastUsedUs < LingerUs)
            {
                continue;
            }

            while (pool.IdleCount > 0)
                RemoveWorker(PopIdle(pool));
            changed = true;
        }

        if (changed)
            Relink();
    }

    /// <summary>Brings all that is derived from pools up to date: which serve a queue, its rate, the work on each device.</summary>
    private void Relink()
    {
        foreach (var device in _devices)
            device.WorkNs = 0;
        foreach (var stage in _stages)
        {
            stage.Pools = [.. stage.ByDevice.OfType<Pool>().Where(p => p.IsPlanned || p.IsStandby || p.Workers > 0).OrderBy(p => p.SingleUs)];
            stage.IsDedicated = stage.Pools.All(p => !p.Device.IsShared);
            stage.RowsPerUs = RowsPerUs(stage);
            foreach (var pool in stage.Pools)
                pool.Device.WorkNs += stage.Queue.Count * pool.RowCostNs;
        }
    }

    private static double RowsPerUs(Stage stage) => stage.Pools.Sum(p => p.Workers * p.MaxBatch / p.Latency.LatencyUs(p.MaxBatch));
}
