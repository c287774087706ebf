using System.Collections.Immutable;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>One run of the planner for all pipelines of a cluster. A demand that does not fit is planned for the largest share that
/// does.</summary>
internal sealed class InferLinePlanning
{
    /// <summary>Ratio between two shares that are tried in turn.</summary>
    private const double ShareStep = 0.85;
    private const double LeastShare = 1e-6;
    private readonly PlanningProblem _problem;
    private readonly InferLineOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly bool _isRecent;
    private readonly ImmutableArray<ImmutableArray<PipelineStage>> _stages;
    private readonly TrafficSample[] _samples;

    public InferLinePlanning(PlanningProblem problem, InferLineOptions options, CancellationToken cancellationToken)
    {
        (_problem, _options, _cancellationToken) = (problem, options, cancellationToken);
        _isRecent = TrafficSamples.Suffice(problem);
        _stages = PipelineStages.Of(problem, options.Variants);
        _samples = [.. problem.Pipelines.Select((_, p) => TrafficSamples.Of(problem, p, _isRecent, options.SampleQueries))];
    }

    /// <summary>Plans every pipeline.</summary>
    public TunerSeed Plan()
    {
        var pipelines = Enumerable.Range(0, _stages.Length).Where(CanServeOne).ToList();
        while (true)
        {
            for (var share = QuickShare(pipelines); share >= LeastShare; share *= ShareStep)
            {
                if (Plan(pipelines, share) is { } seeds)
                    return new TunerSeed([.. Enumerable.Range(0, _stages.Length).Select(p => seeds.GetValueOrDefault(p) ?? Unserved)], _problem.Devices);
            }

            // Fewer slots than tasks: the longest pipeline goes without.
            if (pipelines.Count == 0)
                return new TunerSeed([.. _stages.Select(_ => Unserved)], _problem.Devices);
            pipelines.Remove(pipelines.MaxBy(p => _stages[p].Length));
        }
    }

    private Dictionary<int, PipelineSeed>? Plan(List<int> pipelines, double share)
    {
        var seeds = new Dictionary<int, PipelineSeed>();
        var free = _problem.Devices.Select(d => d.Slots).ToArray();
        for (var i = 0; i < pipelines.Count; i++)
        {
            var p = pipelines[i];
            var sample = share < 1 ? TrafficSamples.Thin(_samples[p], share) : _samples[p];
            var planner = Planner(p, sample, LeaveFor(pipelines.Skip(i + 1), free));
            if (planner.Plan() is not { } plan || !planner.Fits(plan.Setting))
                return null;
            var setting = _options.ExactSettings > 0 ? planner.Exact(plan, _options.ExactSettings) : plan;
            seeds[p] = Seed(p, sample, setting, share < 1);
            foreach (var stage in seeds[p].Stages)
                free[stage.Device] -= stage.Replicas;
        }

        return seeds;
    }

    // Each later pipeline keeps a slot per task where most are free.
    private int[] LeaveFor(IEnumerable<int> later, int[] free)
    {
        var left = (int[])free.Clone();
        for (var tasks = later.Sum(p => _stages[p].Length); tasks > 0; tasks--)
            left[Array.IndexOf(left, left.Max())]--;
        return [.. left.Select(slots => Math.Max(0, slots))];
    }

    private bool CanServeOne(int pipeline) => !_stages[pipeline].IsEmpty
        && Planner(pipeline, new TrafficSample([0], 60_000_000), [.. _problem.Devices.Select(d => d.Slots)]).Plan() is not null;

    // What the best throughput within the objective cannot carry need not be planned in full.
    private double QuickShare(List<int> pipelines)
    {
        var share = 1.0;
        while (share > LeastShare && pipelines.Sum(p => _stages[p].Sum(s => LeastSlots(p, s, share))) > _problem.Devices.Sum(d => d.Slots))
            share *= ShareStep;
        return share;
    }

    private int LeastSlots(int pipeline, PipelineStage stage, double share)
    {
        var best = 0.0;
        foreach (var hardware in stage.Ladder)
        {
            foreach (var batch in hardware.Batches)
            {
                if (hardware.BatchUs(batch) <= _problem.Pipelines[pipeline].Pipeline.SloUs)
                    best = Math.Max(best, hardware.ReplicaQps(batch));
            }
        }

        var rows = share * _samples[pipeline].RateQps * stage.ScaleFactor;
        return best == 0 ? 1 : Math.Max(1, (int)Math.Ceiling((rows / (best * _problem.Options.Utilization)) - 1e-9));
    }

    private GreedyPlanner Planner(int pipeline, TrafficSample sample, int[] free)
    {
        var estimator = new FifoEstimator(_stages[pipeline], sample, _problem.Devices.Select(d => d.Slots), (long)_options.HopLatency.TotalMicroseconds);
        return new GreedyPlanner(
            _stages[pipeline], estimator, sample, free, _problem.Pipelines[pipeline].Pipeline.SloUs,
            _options.MaxReplicas, _problem.Options.Utilization, _cancellationToken);
    }

    private PipelineSeed Seed(int pipeline, TrafficSample sample, PlannedPipeline plan, bool isLimited)
    {
        var stages = _stages[pipeline];
        var tasks = _problem.Pipelines[pipeline].Pipeline.Tasks;
        var ladder = TrafficEnvelope.Ladder(GreedyPlanner.ServiceUs(stages, plan.Setting));
        return new PipelineSeed
        {
            PlannedUs = _problem.Previous is null ? null : _problem.Recent?.NowUs,
            ChangedUs = _problem.Previous is null ? null : _problem.Recent?.NowUs,
            IsProvisional = !_isRecent,
            RateQps = sample.RateQps,
            LimitQps = isLimited ? sample.RateQps : null,
            // A window longer than the sample would hold more of any traffic than of the sample.
            Envelope = TrafficEnvelope.Of(sample.AtUs.AsSpan(), [.. ladder.Where((w, i) => i == 0 || w <= sample.DurationUs)]),
            P99Us = plan.P99Us,
            Steps = [.. plan.Steps.Select(s => $"{s.Action}: {Text(tasks, stages, s.Setting)}, {s.Cost:0.####}/h")],
            Stages =
            [
                .. stages.Select(s =>
                {
                    var setting = plan.Setting[s.Task];
                    var hardware = s.Ladder[setting.Hardware];
                    return new StageSeed(s.Variant, hardware.Device, setting.Batch, setting.Replicas, setting.Replicas, hardware.ReplicaQps(setting.Batch), s.ScaleFactor);
                }),
            ],
        };
    }

    private static PipelineSeed Unserved => new() { RateQps = 0, Envelope = new TrafficEnvelope([], []), Stages = [] };

    private string Text(ImmutableArray<Pipelines.PipelineTask> tasks, ImmutableArray<PipelineStage> stages, PipelineSetting setting) => string.Join(
        " → ", stages.Select(s => $"{tasks[s.Task].Name} {setting[s.Task].Replicas} x {_problem.Devices[s.Ladder[setting[s.Task].Hardware].Device].Name} (batch {setting[s.Task].Batch})"));
}
