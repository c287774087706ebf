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

    private readonly record struct Move(Device Device, Slot Slot, SlotContent Content, bool IsFree);

    private void Apply(Plan plan, PlanningProblem problem)
    {
        var moves = Moves(plan);
        var loading = new Loading(plan, problem, moves, _nowUs);
        var loadUs = moves.Count == 0 ? 0 : Rounds(moves) * (long)_options.ModelLoad.TotalMicroseconds;
        _loading = loading;
        if (loadUs == 0)
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
        _heap.Set(LoadActor, _nowUs + loadUs);
    }

    /// <summary>Load times until all moves are done: a slot loads its variants one after another, and keeps those that it holds already.</summary>
    private long Rounds(List<Move> moves)
    {
        var loads = moves.ConvertAll(m => m.Content.Held.Count(v => !HasLoaded(m.Slot, m.Content, v)));
        var parallel = Math.Min(moves.Count, _options.ParallelLoads ?? int.MaxValue);
        return Math.Max(loads.Max(), (loads.Sum() + parallel - 1) / parallel);
    }

    private static bool HasLoaded(Slot slot, SlotContent content, int variant) =>
        slot.Worker >= 0 && slot.Assigned is { } held && (held.Pipeline, held.Task) == (content.Pipeline, content.Task) && held.Held.Contains(variant);

    /// <summary>Counts the slots of a loading worker. They count from the start of the load, also while the old variant still serves, since
    /// both are in memory and both cost.</summary>
    private int LoadingServers(Move move) => _stages[StageOf(move.Content)].SlotsPerWorker;

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
            var wanted = WorkersByContent(plan, device);
            var slots = device.Slots.OrderBy(s => s.IsDown).ToArray();
            var current = slots.Select(s => s.Worker < 0 ? null : s.Assigned).ToArray();
            var next = SlotMatching.Match(current, wanted);
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] is { } content && content != current[i])
                    moves.Add(new Move(device, slots[i], content, slots[i].Worker < 0));
            }
        }

        return moves;
    }

    /// <summary>Counts the workers that the plan wants on a device, by what they hold, in order of the stages.</summary>
    private List<KeyValuePair<SlotContent, int>> WorkersByContent(Plan plan, Device device) =>
        [.. plan.Slots.Where(g => g.Device == device.Index).GroupBy(SlotContent.Of).OrderBy(g => StageOf(g.Key)).Select(g => KeyValuePair.Create(g.Key, g.Sum(WorkersOf)))];

    private int StageOf(SlotGroup group) => _stageBase[group.Pipeline][group.Task] + group.Variant;

    private int StageOf(SlotContent content) => _stageBase[content.Pipeline][content.Task] + content.Variant;

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
        foreach (var (device, slot, content, _) in moves)
        {
            Retire(slot);
            slot.Assigned = content;
            slot.Worker = slot.IsDown ? -1 : AddWorker(PoolOf(_stages[StageOf(content)], device), slot);
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
            var left = WorkersByContent(plan, device).ToDictionary();
            foreach (var slot in device.Slots.OrderBy(s => s.IsDown))
            {
                if (slot.Assigned is not { } content)
                    continue;
                var wanted = left.GetValueOrDefault(content);
                left[content] = wanted - 1;
                if (wanted > 0)
                    continue;
                Retire(slot);
                slot.Assigned = null;
            }
        }
    }
}
