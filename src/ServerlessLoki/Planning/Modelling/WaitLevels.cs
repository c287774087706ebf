using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// Latency levels that plan the wait: within a response time r a row waits w at most and then runs for r − w. After a burst
/// of B rows above the mean, what is free of the capacity must clear it within w, so B / w rows per second stay free.
/// </summary>
/// <remarks>
/// <para>Half of the objective for queueing (Loki, latency constraint) is a rule of thumb: too much for a pool that works off thousands of rows per
/// second, too little for a single slow replica, and it rules out every variant that takes more than half of the objective.
/// Here a short wait costs capacity and a long one costs batch size, and the program chooses between them.</para>
/// <para>Besides, a row that finds all replicas busy waits until the first is free: n of them take turns, so with L / n ≤ w none waits too long.
/// Where all are rarely busy at once fewer do (<see cref="BusyReplicas"/>).</para>
/// <para>For each r the pair (batch, wait) that carries half of the task's load with the fewest slots is kept, for each kind of device;
/// what another level beats in every way is left out.</para>
/// </remarks>
internal sealed class WaitLevels
{
    /// <summary>Part of the objective that no plan uses, 0..1; it covers hops, timers and rounding.</summary>
    private const double Margin = 0.02;

    /// <summary>Response times tried per task of the longest path; their multiples sum to the objective exactly.</summary>
    private const int StepsPerTask = 4;

    private const int WaitSteps = 16;

    /// <summary>Factor on a pool's load that is head-room enough for any pool: a pool busy for a fifth of the time hardly queues.</summary>
    private const double MostReserve = 4;

    /// <summary>Share of a task's load that one variant is assumed to get, 0..1.</summary>
    private const double LoadShare = 0.5;

    private readonly PlanningProblem _problem;
    private readonly ImmutableArray<double> _burstRows;
    private readonly double _budgetUs;
    private readonly double[] _mostQps;
    private readonly int _depth;

    /// <summary>Prepares the levels of one pipeline.</summary>
    /// <param name="problem">Problem to plan for.</param>
    /// <param name="demand">Pipeline of the problem.</param>
    /// <param name="burstRows">[task] rows B above the mean that the free capacity must clear.</param>
    public WaitLevels(PlanningProblem problem, PipelineDemand demand, ImmutableArray<double> burstRows)
    {
        var graph = demand.Pipeline;
        _problem = problem;
        _burstRows = burstRows;
        _budgetUs = graph.SloUs * (1 - Margin);
        var most = VisitRows.OfTasks(graph, e => graph.Tasks[e.From].Variants.Max(v => demand.FanOut[e.Index, v.Index]) * problem.Options.FanOutHeadroom);
        _mostQps = [.. most.Select(rows => rows * demand.DemandQps)];
        var depth = new int[graph.Tasks.Length];
        depth[0] = 1;
        foreach (var edge in graph.Tasks.SelectMany(t => t.Outgoing))
            depth[edge.To] = Math.Max(depth[edge.To], depth[edge.From] + 1);

        _depth = depth.Max();
    }

    /// <summary>Returns the most that response times may sum to on any path, microseconds; null when even the least ones exceed
    /// it.</summary>
    public double? BudgetUs(double leastUs) => leastUs <= _budgetUs * (1 + 1e-9) ? _budgetUs * (1 + 1e-9) : null;

    /// <summary>Returns the levels of a variant by rising response time; empty where it cannot run in time.</summary>
    public ImmutableArray<LatencyLevel> Of(int task, Variant variant)
    {
        var profiles = _problem.Devices.Select(d => d.Slots > 0 ? _problem.Profile.Find(variant.Name, d.Name) : null).ToArray();
        var levels = ImmutableArray.CreateBuilder<LatencyLevel>();
        var steps = _depth == 1 ? 1 : StepsPerTask * _depth;
        for (var step = 1; step <= steps; step++)
        {
            for (var d = 0; d < profiles.Length; d++)
            {
                if (profiles[d] is null)
                    continue;
                foreach (var level in Best(profiles, task, _budgetUs * step / steps, d))
                {
                    if (!levels.Any(l => Beats(l, level)))
                        levels.Add(level);
                }
            }
        }

        return levels.ToImmutable();
    }

    // Within one response time the wait that carries the load on the fewest slots of one device; others run what fits with it.
    // Where that is so few that several waits do, the longest of them and the one that carries the most.
    private IEnumerable<LatencyLevel> Best(BatchLatency?[] profiles, int task, double responseUs, int device)
    {
        LatencyLevel? longest = null;
        LatencyLevel? strongest = null;
        var (fewest, fewestOfAll) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var step = 1; step < WaitSteps; step++)
        {
            if (Level(profiles, task, responseUs, responseUs * step / WaitSteps) is not { } level || level.SlotQps[device] <= 0)
                continue;
            var slots = Math.Max(level.LeastReplicas, ((LoadShare * _mostQps[task]) + level.ReserveQps) / level.SlotQps[device]);
            if (slots > fewest * (1 + 1e-9))
                continue;
            var all = (_mostQps[task] + level.ReserveQps) / level.SlotQps[device];
            if (slots < fewest * (1 - 1e-9) || all < fewestOfAll)
                (strongest, fewestOfAll) = (level, all);
            (longest, fewest) = (level, slots);
        }

        return new[] { strongest, longest }.OfType<LatencyLevel>().Distinct();
    }

    private LatencyLevel? Level(BatchLatency?[] profiles, int task, double responseUs, double waitUs)
    {
        var level = LatencyLevel.Within(_problem, profiles, responseUs - waitUs);
        if (level.LatencyUs == 0)
            return null;
        // What the batch leaves of the response time may all be waited.
        var wait = responseUs - level.LatencyUs;
        var reserve = Math.Min(_burstRows[task] / wait * 1e6, MostReserve * _mostQps[task]);
        return level with
        {
            LatencyUs = responseUs,
            WaitUs = wait,
            ReserveQps = reserve,
            LeastReplicas = BusyReplicas.Least(level.LatencyUs, wait, (_mostQps[task] + Math.Min(reserve, _mostQps[task])) * SingleUs(profiles, level) * 1e-6),
        };
    }

    // Rows that come one by one run one by one.
    private static double SingleUs(BatchLatency?[] profiles, LatencyLevel level)
    {
        var slowest = 0.0;
        for (var d = 0; d < profiles.Length; d++)
        {
            if (level.Batch[d] > 0)
                slowest = Math.Max(slowest, profiles[d]!.LatencyUs(1));
        }

        return slowest;
    }

    private static bool Beats(LatencyLevel level, LatencyLevel other)
    {
        for (var d = 0; d < level.SlotQps.Length; d++)
        {
            if (level.SlotQps[d] < other.SlotQps[d])
                return false;
        }

        return level.ReserveQps <= other.ReserveQps && level.LeastReplicas <= other.LeastReplicas;
    }
}
