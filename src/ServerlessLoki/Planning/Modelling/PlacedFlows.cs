using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Flows of one pipeline through given slots: parents and children from the most accurate down (Loki, MostAccurateFirst), each up
/// to its capacity. The excess is spread by capacity and then shed at the ingress.</summary>
internal sealed class PlacedFlows
{
    private readonly PlanningProblem _problem;
    private readonly PipelineDemand _demand;
    private readonly Dictionary<(int Task, int Variant), double> _capacity;
    private readonly Dictionary<(int Task, int Variant), double> _load = [];
    private readonly Dictionary<(int Task, int Variant), double> _mixed;
    private readonly List<Prefix>[] _prefixes;
    private double _fits = 1;

    /// <summary>Computes the flows.</summary>
    /// <param name="problem">Problem that the slots were chosen for.</param>
    /// <param name="pipeline">Pipeline index.</param>
    /// <param name="groups">All slots, those of other pipelines included.</param>
    public PlacedFlows(PlanningProblem problem, int pipeline, IReadOnlyList<SlotGroup> groups)
    {
        _problem = problem;
        _demand = problem.Pipelines[pipeline];
        _capacity = groups.Where(g => g.Pipeline == pipeline).GroupBy(g => (g.Task, g.Variant))
            .ToDictionary(g => g.Key, g => g.Sum(s => s.CapacityQps) * problem.Options.Utilization);
        _mixed = groups.Where(g => g.Pipeline == pipeline && g.Resident is not null).DistinctBy(g => (g.Task, g.Variant))
            .ToDictionary(g => (g.Task, g.Variant), g => g.Resident!.Accuracy);
        _prefixes = [.. _demand.Pipeline.Tasks.Select(_ => new List<Prefix>())];
        foreach (var task in _demand.Pipeline.Tasks)
            Fill(task);
        Flows = [.. _demand.Pipeline.Tasks.Where(t => t.IsLeaf && _fits > 0).SelectMany(t => _prefixes[t.Index])
            .Select(p => new PathFlow(pipeline, p.Steps, p.Share * _fits * _demand.DemandQps, p.Accuracy))];
    }

    /// <summary>Share of the demand that fits every task, 0..1.</summary>
    public double Served => _fits;

    /// <summary>Flows by leaf task, the most accurate first.</summary>
    public ImmutableArray<PathFlow> Flows { get; }

    /// <summary>Mean accuracy over the leaf results of a served query, 0..1.</summary>
    public double Accuracy
    {
        get
        {
            var weights = LeafWeights.Of(_demand);
            return _demand.Pipeline.Tasks.Where(t => t.IsLeaf).SelectMany(t => _prefixes[t.Index]).Sum(p => weights[p.Visit.Index] * p.Share * p.Accuracy);
        }
    }

    /// <summary>Computes the load of a variant that has slots, divided by its capacity.</summary>
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
        if (task.IsJoin)
        {
            FillJoin(incoming, options, rows, left);
            return;
        }

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
                Take(prefix, options[at], share);
            }
        }
    }

    // One run answers all branches: every way to it is divided over the variants alike.
    private void FillJoin(List<Prefix> incoming, List<Variant> options, double rows, double[] left)
    {
        var rest = rows;
        for (var at = 0; at < options.Count; at++)
        {
            var taken = at == options.Count - 1 ? rest : Math.Min(rest, left[at]);
            rest -= taken;
            var part = rows > 0 ? taken / rows : at == 0 ? 1 : 0;
            foreach (var prefix in incoming)
            {
                if (part > 0)
                    Take(prefix, options[at], prefix.Share * part);
            }
        }
    }

    private void Take(Prefix prefix, Variant variant, double share)
    {
        var task = prefix.Visit.Task;
        var key = (task, variant.Index);
        _load[key] = _load.GetValueOrDefault(key) + (share * prefix.Factor * _demand.DemandQps);
        _prefixes[task].Add(prefix with { Steps = [.. prefix.Steps, new PathStep(task, variant.Index)], Share = share, Accuracy = prefix.Accuracy * _mixed.GetValueOrDefault(key, variant.Accuracy) });
    }

    private List<Prefix> Incoming(PipelineTask task)
    {
        var visits = _demand.Pipeline.Visits.Where(v => v.Task == task.Index);
        if (task.Incoming.IsEmpty)
            return [new Prefix(visits.First(), [], 1, 1, 1)];
        return
        [
            .. visits.SelectMany(v => _prefixes[v.Parent!.Task].Where(p => p.Visit == v.Parent).Select(p => p with { Visit = v, Factor = Factor(task, v, p) }))
                .OrderByDescending(p => p.Accuracy),
        ];
    }

    private double Factor(PipelineTask task, TaskVisit visit, Prefix above) => task.IsJoin
        ? VisitRows.On(_demand, visit, t => above.Steps.First(s => s.Task == t).Variant, _problem.Options.FanOutHeadroom)
        : above.Factor * _demand.FanOut[visit.Edge, above.Steps[^1].Variant] * _problem.Options.FanOutHeadroom;

    /// <param name="Visit">The way that it takes.</param>
    /// <param name="Steps">Variants from the root down.</param>
    /// <param name="Share">Share of the root queries.</param>
    /// <param name="Factor">Rows at its last task per root query.</param>
    /// <param name="Accuracy">Product, 0..1.</param>
    private sealed record Prefix(TaskVisit Visit, ImmutableArray<PathStep> Steps, double Share, double Factor, double Accuracy);
}
