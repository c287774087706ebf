using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Choices of one pipeline that can be best, by dynamic programming from the leaves up: for every task and load, the partial
/// choices of its subtree that no other dominates.</summary>
/// <remarks>Exact since the objective rises with a subtree's score, whatever is chosen above, and falls with its cost,
/// cores and time. Without cores and time, when neither limit binds, a front holds no more than one entry per cost. The
/// load of a task depends on the variants above it (fan-out), so fronts are kept by load.</remarks>
internal sealed class IpaTree
{
    // The accuracy score of IPA's artifact: what the artifact's revision runs put in place of rank 0.
    private const double LowestRank = 0.05;

    private readonly PlanningProblem _problem;
    private readonly PipelineDemand _demand;
    private readonly int _pipeline;
    private readonly int _device;
    private readonly IpaOptions _options;
    private readonly IpaPins _pins;
    private readonly bool _exact;
    private readonly bool _scored;
    private readonly ImmutableArray<double> _leafWeights;
    private readonly double[] _aboveUs;
    private readonly Dictionary<(int Task, double LoadQps), IpaNode[]> _fronts = [];
    private readonly CancellationToken _cancellationToken;

    /// <summary>Prepares the tree of one pipeline.</summary>
    /// <param name="problem">Problem to plan for.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="device">Index of the device type that everything runs on.</param>
    /// <param name="options">Weights and limits.</param>
    /// <param name="pins">Choices that are fixed.</param>
    /// <param name="exact">True if limits on cores and time are kept in every partial choice; false if only at the end.</param>
    /// <param name="scored">False = only cost counts; used to find out what fits.</param>
    /// <param name="cancellationToken">Abandons the search.</param>
    public IpaTree(
        PlanningProblem problem, int pipeline, int device, IpaOptions options, IpaPins pins, bool exact, bool scored, CancellationToken cancellationToken)
    {
        _problem = problem;
        _demand = problem.Pipelines[pipeline];
        _pipeline = pipeline;
        _device = device;
        _options = options;
        _pins = pins;
        _exact = exact;
        _scored = scored;
        _leafWeights = LeafWeights.Of(_demand);
        _cancellationToken = cancellationToken;
        _aboveUs = new double[_demand.Pipeline.Tasks.Length];
        foreach (var edge in _demand.Pipeline.Tasks.SelectMany(t => t.Outgoing))
            _aboveUs[edge.To] = _aboveUs[edge.From] + LeastUs(_demand.Pipeline.Tasks[edge.From]);
    }

    /// <summary>Latency limit L: the pipeline's objective plus rounding, microseconds.</summary>
    public double LimitUs => _demand.Pipeline.SloUs * (1 + 1e-9);

    /// <summary>Lists whole choices that no other dominates; the time limit is applied only in exact mode.</summary>
    public IpaNode[] Front(double loadQps) => Front(_demand.Pipeline.Root, loadQps);

    /// <summary>Computes the rows per second of a child task.</summary>
    public double ChildLoadQps(PipelineEdge edge, int parentVariant, double loadQps) =>
        loadQps * _demand.FanOut[edge.Index, parentVariant] * _problem.Options.FanOutHeadroom;

    private IpaNode[] Front(PipelineTask task, double loadQps)
    {
        if (_fronts.TryGetValue((task.Index, loadQps), out var known))
            return known;
        _cancellationToken.ThrowIfCancellationRequested();
        var front = new IpaFront(_exact);
        foreach (var byVariant in Choices(task, loadQps).GroupBy(c => c.Variant))
        {
            if (task.IsLeaf)
            {
                foreach (var choice in byVariant)
                    Add(front, task, choice, null);
                continue;
            }

            foreach (var below in Below(task, byVariant.Key, loadQps))
            {
                foreach (var choice in byVariant)
                    Add(front, task, choice, below);
            }
        }

        return _fronts[(task.Index, loadQps)] = front.Build();
    }

    private void Add(IpaFront front, PipelineTask task, IpaChoice choice, IpaNode? below)
    {
        var under = below?.Value ?? default;
        var score = !_scored ? 0
            : _options.Score == AccuracyScore.RankSum ? choice.Score + under.Score
            : choice.Score * (below is null ? _leafWeights[task.Index] : under.Score);
        var value = new IpaValue(score, choice.Cost + under.Cost, choice.Cores + under.Cores, choice.TimeUs + under.TimeUs);
        if (!_exact || (value.Cores <= _problem.Devices[_device].Slots && _aboveUs[task.Index] + value.TimeUs <= LimitUs))
            front.Add(value, choice, below, null);
    }

    // Branches side by side: scores, costs and cores add up, the slowest counts.
    private IpaNode[] Below(PipelineTask task, int variant, double loadQps)
    {
        IpaNode[]? joined = null;
        foreach (var edge in task.Outgoing)
        {
            var child = Front(_demand.Pipeline.Tasks[edge.To], ChildLoadQps(edge, variant, loadQps));
            if (joined is null)
            {
                joined = child;
                continue;
            }

            var front = new IpaFront(_exact);
            foreach (var a in joined)
            {
                foreach (var b in child)
                {
                    front.Add(
                        new IpaValue(
                            a.Value.Score + b.Value.Score, a.Value.Cost + b.Value.Cost,
                            a.Value.Cores + b.Value.Cores, Math.Max(a.Value.TimeUs, b.Value.TimeUs)),
                        null, a, b);
                }
            }

            joined = front.Build();
        }

        return joined!;
    }

    private List<IpaChoice> Choices(PipelineTask task, double loadQps)
    {
        var choices = new List<IpaChoice>();
        var device = _problem.Devices[_device];
        var byAccuracy = task.Variants.OrderBy(v => v.Accuracy).ToList();

        // What runs comes first and so stays among equals.
        foreach (var variant in task.Variants.OrderByDescending(v => _problem.Previous?.Slots.Any(s => s.Pipeline == _pipeline && s.Task == task.Index && s.Variant == v.Index) == true))
        {
            if (_pins.Variant(_pipeline, task.Index) is { } pinned && pinned != variant.Index)
                continue;
            if (_problem.Profile.Find(variant.Name, device.Name) is not { } latency || _problem.Profile.FindP99(variant.Name, device.Name) is not { } tail)
                continue;
            var cores = _problem.Cores?.CoresPerReplica.GetValueOrDefault(variant.Name, 1) ?? 1;
            var score = _options.Score switch
            {
                AccuracyScore.RankSum => Rank(byAccuracy.IndexOf(variant), byAccuracy.Count),
                AccuracyScore.RankProduct => Math.Max(LowestRank, Rank(byAccuracy.IndexOf(variant), byAccuracy.Count)),
                _ => variant.Accuracy,
            };
            var own = new List<IpaChoice>();
            foreach (var batch in latency.Batches)
            {
                var qps = device.SlotShare * latency.ThroughputQps(batch) * _problem.Options.Utilization;
                var needed = Math.Max(1, Math.Ceiling((loadQps / qps) - 1e-9));
                var replicas = _pins.ReplicasOf(_pipeline, task.Index) ?? needed;
                var timeUs = tail.LatencyUs(batch) + (loadQps > 0 ? (batch - 1) / loadQps * 1e6 : 0);
                if (batch > (_problem.Options.MaxBatch ?? int.MaxValue) || needed > replicas || replicas > _options.MaxReplicas || replicas * cores > device.Slots || timeUs > LimitUs)
                    continue;
                var total = (int)replicas * cores;
                own.Add(new IpaChoice(
                    task.Index, variant.Index, batch, (int)replicas, total, score, (_options.CoreWeight * total) + (_options.BatchWeight * batch), timeUs));
            }

            // A larger batch that saves no core only waits longer.
            choices.AddRange(own.Where(c => !own.Exists(o => o.Batch < c.Batch && o.Cores <= c.Cores && o.TimeUs <= c.TimeUs)));
        }

        return choices;
    }

    private static double Rank(int position, int count) => count == 1 ? 1 : (double)position / (count - 1);

    private double LeastUs(PipelineTask task) => task.Variants
        .Select(v => _problem.Profile.FindP99(v.Name, _problem.Devices[_device].Name))
        .OfType<Profiles.BatchLatency>().Select(l => l.LatencyUs(1)).DefaultIfEmpty(0).Min();
}
