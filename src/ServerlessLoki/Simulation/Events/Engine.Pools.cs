using System.Collections.Immutable;
using ServerlessLoki.Batching;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Pools, one for each variant on each device type: their planned state and the values derived from it.</summary>
internal sealed partial class Engine
{
    private readonly List<Pool> _pools = [];

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
        _wakes.Reserve(pool.Index + 1);
        return stage.ByDevice[device.Index] = pool;
    }

    private string VariantName(Stage stage) => _cluster.Pipelines[stage.Pipeline].Pipeline.Tasks[stage.Task].Variants[stage.Variant].Name;

    /// <summary>Sets batches, routes and expected times of the plan's pools.</summary>
    private HashSet<Pool> Tune(Plan plan, ImmutableArray<SlotGroup> standby, PlanningProblem problem)
    {
        var below = QueryCosts.Of(plan, problem, parallelism: 1).BelowRootUs;
        var planned = new HashSet<Pool>();
        foreach (var groups in plan.Slots.Concat(standby).GroupBy(g => (Stage: StageOf(g), g.Device)))
        {
            var pool = PoolOf(_stages[groups.Key.Stage], _devices[groups.Key.Device]);
            var (stage, type) = (pool.Stage, problem.Devices[groups.Key.Device]);
            var batch = groups.Max(g => g.Batch);
            pool.Latency = problem.Expected(VariantName(stage), type.Name) ?? pool.Latency;
            pool.SingleUs = pool.Latency.LatencyUs(1);
            pool.Residents = ResidentsOf(pool, groups.First(), problem);
            pool.Runs = null;
            pool.SingleUs = pool.Residents?.SingleUs ?? pool.SingleUs;
            pool.MaxBatch = batch;
            pool.WaitBatch = PoolBatching.BatchNeeded(
                groups.Sum(WorkersOf), batch, groups.Sum(g => g.LoadQps), pool.Latency, type.SlotShare);
            pool.HasRoute = _table.Option(stage.Pipeline, stage.Task, stage.Variant) is { } route;
            pool.Route = _table.Option(stage.Pipeline, stage.Task, stage.Variant) ?? default;
            var belowUs = stage.Task == 0 ? below[stage.Pipeline] : 0;
            // A queue that several device types serve is shared among them by capacity.
            var capacity = plan.Slots.Where(s => StageOf(s) == stage.Index).Sum(s => s.CapacityQps);
            var share = capacity > 0 ? groups.Sum(g => g.CapacityQps) / capacity : 1;
            pool.BelowCostNs = (long)(belowUs * 1000);
            pool.RowCostNs = WaitingWork.RowNs(problem.Profile.Find(VariantName(stage), type.Name) ?? pool.Latency, batch, belowUs, share);
            pool.IsPlanned = groups.Any(g => g.LoadQps > 0 || g.CapacityQps > 1e-3);
            if (pool.IsPlanned)
                planned.Add(pool);
        }

        return planned;
    }

    /// <summary>Loads the standby variants in addition to the slots, as many as may compute at once; their load time is hidden by that of
    /// the plan.</summary>
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

    /// <summary>Updates all values derived from pools: which pools serve a queue, its rate, the work on each device.</summary>
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
