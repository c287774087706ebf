using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>The two halves of a plan change, as in the host: load in the background, then switch at once.</summary>
internal sealed partial class Engine
{
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

    /// <summary>Counts the slots of a loading worker. They count from the start of the load, also while the old variant still serves, since
    /// both are in memory and both cost.</summary>
    private int LoadingServers(Move move) => _stages[move.Stage].SlotsPerWorker;

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

    /// <summary>Lists the slots that must change, with their new variants. Slots that are down come last.</summary>
    private List<Move> Moves(Plan plan)
    {
        var moves = new List<Move>();
        foreach (var device in _devices)
        {
            var wanted = WorkersByStage(plan, device);
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

    /// <summary>Counts the workers that the plan wants on a device, by stage.</summary>
    private int[] WorkersByStage(Plan plan, Device device)
    {
        var workers = new int[_stages.Length];
        foreach (var group in plan.Slots)
        {
            if (group.Device == device.Index)
                workers[StageOf(group)] += WorkersOf(group);
        }

        return workers;
    }

    private int StageOf(SlotGroup group) => _stageBase[group.Pipeline][group.Task] + group.Variant;

    /// <summary>Returns the workers of a group. A replica whose cores are fixed runs one batch at a time on all of them; one whose cores
    /// the plan chose runs a query on each (InfAdapter, dispatcher), like the same number of single slots.</summary>
    private int WorkersOf(SlotGroup group) => _stages[StageOf(group)].HasFixedCores ? group.Replicas : group.SlotsTaken;

    private void Switch(Plan plan, PlanningProblem problem, List<Move> moves)
    {
        _plan = plan;
        _forecastQps = problem.Pipelines.Sum(p => p.DemandQps);
        ImmutableArray<SlotGroup> standby = _options.Standby && _problem.Policy?.ScalesAccuracy != false ? StandbyGroups.Of(plan, problem) : [];
        _table = RoutingTable.Build(problem, plan with { Slots = [.. plan.Slots, .. standby] });
        _costs = QueryCosts.Of(plan, problem, _devices.Sum(d => d.Threads));
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

    /// <summary>Frees the slots that the plan leaves free.</summary>
    private void FreeUnwanted(Plan plan)
    {
        foreach (var device in _devices)
        {
            var left = WorkersByStage(plan, device);
            foreach (var slot in device.Slots.OrderBy(s => s.IsDown))
            {
                if (slot.Assigned < 0 || left[slot.Assigned]-- > 0)
                    continue;
                Retire(slot);
                slot.Assigned = -1;
            }
        }
    }
}
