using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>
/// InferLine's Planner for one pipeline (InferLine, Planner): a feasible start that ignores cost, then greedy descent by three
/// actions, then a trim of our own that takes back batch increases which bought nothing.
/// </summary>
/// <remarks>Beyond the paper, devices may be few: settings that ask for more slots than there are count as dearer than any
/// that fit, so the descent leads back into the cluster where it can.</remarks>
internal sealed class GreedyPlanner
{
    private readonly ImmutableArray<PipelineStage> _stages;
    private readonly FifoEstimator _estimator;
    private readonly Dictionary<PipelineSetting, double> _p99Us = [];
    private readonly double[] _rowsQps;
    private readonly int[] _slots;
    private readonly long _sloUs;
    private readonly int _maxReplicas;
    private readonly double _utilization;
    private readonly CancellationToken _cancellationToken;

    /// <param name="stages">Stages of the pipeline.</param>
    /// <param name="estimator">Replays <paramref name="sample"/>.</param>
    /// <param name="sample">The traffic to plan for.</param>
    /// <param name="slots">[device] slots free for this pipeline.</param>
    /// <param name="sloUs">Objective for the 99th percentile, microseconds.</param>
    /// <param name="maxReplicas">Most replicas of one stage.</param>
    /// <param name="utilization">Mean load stays below this share of the capacity.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public GreedyPlanner(
        ImmutableArray<PipelineStage> stages, FifoEstimator estimator, TrafficSample sample, IEnumerable<int> slots, long sloUs,
        int maxReplicas, double utilization, CancellationToken cancellationToken)
    {
        (_stages, _estimator, _slots, _sloUs) = (stages, estimator, [.. slots], sloUs);
        (_maxReplicas, _utilization, _cancellationToken) = (maxReplicas, utilization, cancellationToken);
        _rowsQps = [.. stages.Select(s => sample.RateQps * s.ScaleFactor)];
    }

    /// <summary>Plans the pipeline; null when no replicas meet the objective (5.1).</summary>
    public PlannedPipeline? Plan()
    {
        if (Start() is not { } start)
            return null;
        var steps = ImmutableArray.CreateBuilder<PlanStep>();
        steps.Add(new PlanStep("start", start, Cost(start)));
        var setting = start;
        while (Descend(setting) is var (next, action))
            steps.Add(new PlanStep(action, setting = next, Cost(next)));
        var trimmed = Trim(setting);
        if (!trimmed.Equals(setting))
            steps.Add(new PlanStep("trim batches", trimmed, Cost(trimmed)));
        return new PlannedPipeline(start, setting, trimmed, Cost(trimmed), P99Us(trimmed), steps.ToImmutable());
    }

    /// <summary>Finds the cheapest of all settings if it is among the first <paramref name="settings"/> in order of cost; else returns the
    /// plan unchanged.</summary>
    public PlannedPipeline Exact(PlannedPipeline plan, int settings)
    {
        if (ExactSearch.Find(_stages, _slots, plan.Cost, settings, IsFeasible) is not { } cheaper)
            return plan;
        var trimmed = Trim(cheaper);
        return plan with
        {
            Setting = trimmed,
            Cost = Cost(trimmed),
            P99Us = P99Us(trimmed),
            Steps = plan.Steps.Add(new PlanStep("exact search", trimmed, Cost(trimmed))),
        };
    }

    /// <summary>Computes the cost of a setting per hour.</summary>
    public double Cost(PipelineSetting setting) => _stages.Sum(s => StageCost(s, setting[s.Task]));

    /// <summary>Tests whether a setting fits the cluster.</summary>
    public bool Fits(PipelineSetting setting) => Overrun(setting) == 0;

    /// <summary>Computes T_S: time of full batches on the slowest path, without queueing, microseconds.</summary>
    public static long ServiceUs(ImmutableArray<PipelineStage> stages, PipelineSetting setting)
    {
        var endUs = new long[stages.Length];
        foreach (var stage in stages)
        {
            var s = setting[stage.Task];
            endUs[stage.Task] = (stage.Parent < 0 ? 0 : endUs[stage.Parent]) + stage.Ladder[s.Hardware].BatchUs(s.Batch);
        }

        return endUs.Max();
    }

    public double P99Us(PipelineSetting setting)
    {
        if (_p99Us.TryGetValue(setting, out var known))
            return known;
        _cancellationToken.ThrowIfCancellationRequested();
        return _p99Us[setting] = CannotHold(setting) ? double.PositiveInfinity : _estimator.P99Us(setting, _sloUs);
    }

    public bool IsFeasible(PipelineSetting setting) => P99Us(setting) <= _sloUs;

    // Algorithm 1: fastest hardware, batch 1, and a replica more for the throughput bottleneck until the objective holds.
    private PipelineSetting? Start()
    {
        var setting = new PipelineSetting([.. _stages.Select(s => new StageSetting(0, s.Ladder[0].Batches[0], 1))]);
        if (ServiceUs(_stages, setting) > _sloUs)
            return null;
        while (!IsFeasible(setting))
        {
            var bottleneck = _stages.MinBy(s => CapacityQps(s, setting[s.Task]) / s.ScaleFactor)!.Task;
            if (setting[bottleneck].Replicas >= _maxReplicas)
                return null;
            setting = setting.With(bottleneck, setting[bottleneck] with { Replicas = setting[bottleneck].Replicas + 1 });
        }

        return setting;
    }

    // One round of algorithm 2. The first of equally cheap candidates wins: stages in order, and as the actions stand here.
    private (PipelineSetting Setting, string Action)? Descend(PipelineSetting setting)
    {
        (PipelineSetting Setting, string Action)? best = null;
        foreach (var stage in _stages)
        {
            Offer(RemoveReplica(setting, stage), $"remove a replica of stage {stage.Task}");
            Offer(Downgrade(setting, stage), $"downgrade stage {stage.Task}");
            Offer(IncreaseBatch(setting, stage), $"increase the batch of stage {stage.Task}");
        }

        return best;

        void Offer(PipelineSetting? candidate, string action)
        {
            if (candidate is not null && (best is null || IsCheaper(candidate, best.Value.Setting)) && IsFeasible(candidate))
                best = (candidate, action);
        }
    }

    private static PipelineSetting? RemoveReplica(PipelineSetting setting, PipelineStage stage) => setting[stage.Task].Replicas > 1
        ? setting.With(stage.Task, setting[stage.Task] with { Replicas = setting[stage.Task].Replicas - 1 })
        : null;

    private static PipelineSetting? IncreaseBatch(PipelineSetting setting, PipelineStage stage)
    {
        var now = setting[stage.Task];
        var batches = stage.Ladder[now.Hardware].Batches;
        var next = batches.IndexOf(now.Batch) + 1;
        return next < batches.Length ? setting.With(stage.Task, now with { Batch = batches[next] }) : null;
    }

    // The next cheaper hardware for one stage, the others frozen. Types that are slower and not cheaper are tried on the way to
    // it: they matter only while slots are short.
    private PipelineSetting? Downgrade(PipelineSetting setting, PipelineStage stage)
    {
        var now = stage.Ladder[setting[stage.Task].Hardware];
        for (var h = setting[stage.Task].Hardware + 1; h < stage.Ladder.Length; h++)
        {
            if (OnHardware(setting, stage, h) is { } found)
                return found;
            if (stage.Ladder[h].Price < now.Price)
                return null;
        }

        return null;
    }

    // For each batch the fewest replicas that do, of those the cheapest.
    private PipelineSetting? OnHardware(PipelineSetting setting, PipelineStage stage, int position)
    {
        var hardware = stage.Ladder[position];
        var most = MostReplicas(setting, stage, hardware);
        PipelineSetting? best = null;
        foreach (var batch in hardware.Batches)
        {
            for (var replicas = 1; replicas <= most; replicas++)
            {
                var candidate = setting.With(stage.Task, new StageSetting(position, batch, replicas));
                if (!IsCheaper(candidate, best ?? setting))
                    break;
                if (!IsFeasible(candidate))
                    continue;
                best = candidate;
                break;
            }
        }

        return best;
    }

    // What the old money buys (5.2); where slots are short, what the device has.
    private int MostReplicas(PipelineSetting setting, PipelineStage stage, StageHardware hardware)
    {
        var affordable = Math.Min(_maxReplicas, (int)Math.Min(int.MaxValue, Math.Floor((StageCost(stage, setting[stage.Task]) / hardware.Price) + 1e-9)));
        return Fits(setting) ? affordable : Math.Max(affordable, _slots[hardware.Device]);
    }

    private PipelineSetting Trim(PipelineSetting setting)
    {
        foreach (var stage in _stages)
        {
            var batches = stage.Ladder[setting[stage.Task].Hardware].Batches;
            for (var at = batches.IndexOf(setting[stage.Task].Batch) - 1; at >= 0; at--)
            {
                var smaller = setting.With(stage.Task, setting[stage.Task] with { Batch = batches[at] });
                if (!IsFeasible(smaller))
                    break;
                setting = smaller;
            }
        }

        return setting;
    }

    private bool IsCheaper(PipelineSetting a, PipelineSetting b)
    {
        var (over, other) = (Overrun(a), Overrun(b));
        return over < other || (over == other && Cost(a) < Cost(b) * (1 - 1e-12));
    }

    private int Overrun(PipelineSetting setting)
    {
        var over = 0;
        for (var d = 0; d < _slots.Length; d++)
        {
            var used = 0;
            foreach (var stage in _stages)
                used += stage.Ladder[setting[stage.Task].Hardware].Device == d ? setting[stage.Task].Replicas : 0;
            over += Math.Max(0, used - _slots[d]);
        }

        return over;
    }

    // What cannot carry the mean rate need not be simulated (4.2).
    private bool CannotHold(PipelineSetting setting)
    {
        foreach (var stage in _stages)
        {
            if (CapacityQps(stage, setting[stage.Task]) * _utilization < _rowsQps[stage.Task] * (1 - 1e-9))
                return true;
        }

        return false;
    }

    private static double CapacityQps(PipelineStage stage, StageSetting setting) =>
        setting.Replicas * stage.Ladder[setting.Hardware].ReplicaQps(setting.Batch);

    private static double StageCost(PipelineStage stage, StageSetting setting) => setting.Replicas * stage.Ladder[setting.Hardware].Price;
}
