using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>What one pipeline's queries make of given slots: parents and children from the most accurate down (loki.md 3.1), each
/// up to its capacity, what is too much spread by capacity and then shed at the ingress.</summary>
internal sealed class PlacedFlows
{
    private readonly PlanningProblem _problem;
    private readonly PipelineDemand _demand;
    private readonly Dictionary<(int Task, int Variant), double> _capacity;
    private readonly Dictionary<(int Task, int Variant), double> _load = [];
    private readonly List<Prefix>[] _prefixes;
    private double _fits = 1;

    /// <summary>Fills the slots.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="groups">All slots, those of other pipelines included.</param>
    public PlacedFlows(PlanningProblem problem, int pipeline, IReadOnlyList<SlotGroup> groups)
    {
        _problem = problem;
        _demand = problem.Pipelines[pipeline];
        _capacity = groups.Where(g => g.Pipeline == pipeline).GroupBy(g => (g.Task, g.Variant))
            .ToDictionary(g => g.Key, g => g.Sum(s => s.CapacityQps) * problem.Options.Utilization);
        _prefixes = [.. _demand.Pipeline.Tasks.Select(_ => new List<Prefix>())];
        foreach (var task in _demand.Pipeline.Tasks)
            Fill(task);
        Flows = [.. _demand.Pipeline.Tasks.Where(t => t.IsLeaf && _fits > 0).SelectMany(t => _prefixes[t.Index])
            .Select(p => new PathFlow(pipeline, p.Steps, p.Share * _fits * _demand.DemandQps, p.Accuracy))];
    }

    /// <summary>Share of the demand that fits every task, 0..1.</summary>
    public double Served => _fits;

    /// <summary>By leaf task, most accurate first.</summary>
    public ImmutableArray<PathFlow> Flows { get; }

    /// <summary>Mean over the leaf results of a served query, 0..1.</summary>
    public double Accuracy
    {
        get
        {
            var weights = LeafWeights.Of(_demand);
            return _demand.Pipeline.Tasks.Where(t => t.IsLeaf).Sum(t => weights[t.Index] * _prefixes[t.Index].Sum(p => p.Share * p.Accuracy));
        }
    }

    /// <summary>Load per capacity of a variant that has slots.</summary>
    public double LoadShare(int task, int variant) =>
        _capacity[(task, variant)] is > 0 and var capacity ? _load.GetValueOrDefault((task, variant)) * _fits / capacity * _problem.Options.Utilization : 0;

    private void Fill(PipelineTask task)
    {
        var options = task.Variants.Where(v => _capacity.ContainsKey((task.Index, v.Index))).OrderByDescending(v => v.Accuracy).ToList();
        if (options.Count == 0)
        {
            _fits = 0;
            return;
        }

        var incoming = Incoming(task);
        var rows = incoming.Sum(p => p.Share * p.Factor) * _demand.DemandQps;
        var total = options.Sum(v => _capacity[(task.Index, v.Index)]);
        var isOver = rows > total * (1 + 1e-9);
        if (isOver)
            _fits = Math.Min(_fits, total / rows);
        var left = options.Select(v => isOver ? rows * _capacity[(task.Index, v.Index)] / total : _capacity[(task.Index, v.Index)]).ToArray();
        var at = 0;
        foreach (var prefix in incoming)
        {
            for (var rest = prefix.Share; rest > 0;)
            {
                while (at < left.Length - 1 && left[at] <= 1e-9 * total)
                    at++;
                var perShare = prefix.Factor * _demand.DemandQps;

                // The last takes all: what is too much by then is rounding.
                var share = perShare <= 0 || at == left.Length - 1 ? rest : Math.Min(rest, left[at] / perShare);
                left[at] -= share * perShare;
                rest = rest - share < 1e-12 ? 0 : rest - share;
                var key = (task.Index, options[at].Index);
                _load[key] = _load.GetValueOrDefault(key) + (share * perShare);
                _prefixes[task.Index].Add(new Prefix([.. prefix.Steps, new PathStep(task.Index, options[at].Index)], share, prefix.Factor, prefix.Accuracy * options[at].Accuracy));
            }
        }
    }

    private List<Prefix> Incoming(PipelineTask task)
    {
        if (task.Incoming.IsEmpty)
            return [new Prefix([], 1, 1, 1)];
        var edge = task.Incoming[0];
        return
        [
            .. _prefixes[edge.From].OrderByDescending(p => p.Accuracy)
                .Select(p => p with { Factor = p.Factor * _demand.FanOut[edge.Index, p.Steps[^1].Variant] * _problem.Options.FanOutHeadroom }),
        ];
    }

    /// <param name="Steps">Variants from the root down.</param>
    /// <param name="Share">Share of the root queries.</param>
    /// <param name="Factor">Rows at its last task per root query.</param>
    /// <param name="Accuracy">Product, 0..1.</param>
    private sealed record Prefix(ImmutableArray<PathStep> Steps, double Share, double Factor, double Accuracy);
}
