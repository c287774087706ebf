using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Trials;

/// <summary>Query of a trial. Each variant runs once for each choice of the variants before it, however many paths are asked for.</summary>
public sealed class TrialQuery : IDisposable
{
    private readonly PipelineTrial _trial;
    private readonly TrialSession _session;
    private readonly TrialScope _scope;
    private readonly Dictionary<(int Task, string Choice), List<TrialItem>> _stages = [];

    internal TrialQuery(PipelineTrial trial, TrialSession session, QueryInput input, ImmutableArray<TensorPart> arguments)
    {
        (_trial, _session) = (trial, session);
        _scope = new TrialScope(input) { Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 0, Arguments = arguments };
    }

    /// <summary>Answers the query along chosen variants.</summary>
    /// <param name="variants">[task] index of the variant.</param>
    /// <returns>Answers of all stages as <see cref="QueryResult.Answers"/> holds them: by task, parents before children.</returns>
    /// <exception cref="ModelException">An input does not fit a model, or a model failed.</exception>
    public IReadOnlyList<StageAnswer> Answers(IReadOnlyList<int> variants)
    {
        ArgumentNullException.ThrowIfNull(variants);
        if (variants.Count != _trial.Pipeline.Tasks.Length)
            throw new ArgumentException($"Found {variants.Count} variants, allowed: one for each of {_trial.Pipeline.Tasks.Length} tasks.", nameof(variants));
        var answers = new List<StageAnswer>();
        var positions = new Dictionary<TrialItem, int>();
        foreach (var task in _trial.Pipeline.Tasks)
        {
            foreach (var item in Stage(task, variants))
            {
                positions[item] = answers.Count;
                var parent = item.Parent is { } above ? positions[above] : -1;
                answers.Add(new StageAnswer(task.Index, variants[task.Index], parent, item.Stage.ParentRow, item.Rows, item.Tensor));
            }
        }

        return answers;
    }

    /// <summary>Runs a later task's variant on given parts of the query's picture, as its edge makes its input of a parent's rows.</summary>
    /// <param name="edge">Edge that leads to the task.</param>
    /// <param name="variant">Index of the task's variant.</param>
    /// <param name="regions">Rows in place of the parent's.</param>
    /// <returns>[region] the rows that the variant answers.</returns>
    /// <exception cref="ModelException">An input does not fit the model, or the model failed.</exception>
    public IReadOnlyList<IReadOnlyList<OutputRow>> OnRegions(PipelineEdge edge, int variant, IReadOnlyList<OutputRow> regions)
    {
        ArgumentNullException.ThrowIfNull(edge);
        ArgumentNullException.ThrowIfNull(regions);
        var items = regions.Select((r, i) => new TrialItem(null, [i], new StageItem
        {
            Scope = _scope, Task = edge.To, Variant = variant, Edge = edge.Index, ParentTask = edge.From, ParentRow = i, Region = r,
        })).ToList();
        _session.Run(edge.To, variant, items);
        return [.. items.Select(static i => i.Rows)];
    }

    /// <summary>Frees the query's input.</summary>
    public void Dispose() => _scope.Release();

    private List<TrialItem> Stage(PipelineTask task, IReadOnlyList<int> variants)
    {
        var key = (task.Index, string.Join(',', _trial.Upstream[task.Index].Select(u => variants[u])));
        if (_stages.TryGetValue(key, out var known))
            return known;
        List<TrialItem> items = task.Index == 0 ? [new TrialItem(null, [], Item(0, variants[0], -1, null, -1))]
            : task.IsJoin ? Joined(task, variants) : [.. task.Incoming.SelectMany(e => Passed(e, variants))];
        items.Sort(TrialItem.Compare);
        _session.Run(task.Index, variants[task.Index], items);
        return _stages[key] = items;
    }

    private IEnumerable<TrialItem> Passed(PipelineEdge edge, IReadOnlyList<int> variants) => Rows(edge, variants).Select(a => new TrialItem(
        a.Parent, a.Parent.Place.Add(a.Place), Item(edge.To, variants[edge.To], edge.Index, a.Parent, a.Row)));

    private List<TrialItem> Joined(PipelineTask task, IReadOnlyList<int> variants)
    {
        var arrivals = task.Incoming.SelectMany(e => Rows(e, variants).Select(a => (a.Parent, Place: a.Parent.Place.Add(a.Place), Input: new JoinInput(e.Index, a.Row >= 0 ? a.Parent.Rows[a.Row] : default, Handed(a.Parent)))));
        return
        [
            .. arrivals.GroupBy(a => a.Parent.Of(task.JoinsPer!.Value)).Select(g =>
            {
                var inputs = g.ToList();
                inputs.Sort(static (a, b) => a.Place.AsSpan().SequenceCompareTo(b.Place.AsSpan()));
                // Behind the children of the item that it joins for.
                return new TrialItem(g.Key, g.Key.Place.Add(int.MaxValue), new StageItem
                {
                    Scope = _scope, Task = task.Index, Variant = variants[task.Index], Edge = inputs[^1].Input.Edge, ParentTask = g.Key.Stage.Task, Inputs = [.. inputs.Select(static a => a.Input)],
                });
            }),
        ];
    }

    /// <summary>Rows that pass along an edge, with their parents and places among all children.</summary>
    private IEnumerable<(TrialItem Parent, int Row, int Place)> Rows(PipelineEdge edge, IReadOnlyList<int> variants)
    {
        var from = _trial.Pipeline.Tasks[edge.From];
        foreach (var parent in Stage(from, variants))
        {
            var children = parent.Children ??= ChildrenOf(from, parent);
            for (var i = 0; i < children.Count; i++)
            {
                if (children[i].Edge == edge.Index)
                    yield return (parent, children[i].Row, i);
            }
        }
    }

    private List<(int Edge, int Row)> ChildrenOf(PipelineTask task, TrialItem item)
    {
        var children = new List<(int Edge, int Row)>();
        foreach (var edge in task.Outgoing)
            Children.Add(task, _trial.Edges[edge.Index], item.Rows, children);
        return children;
    }

    private RowTensor? Handed(TrialItem parent) => _trial.Pipeline.Tasks[parent.Stage.Task].Output.IsTensors ? parent.Tensor : null;

    private StageItem Item(int task, int variant, int edge, TrialItem? parent, int row) => new()
    {
        Scope = _scope,
        Task = task,
        Variant = variant,
        Edge = edge,
        ParentTask = parent?.Stage.Task ?? -1,
        ParentRow = row,
        Region = parent is not null && row >= 0 ? parent.Rows[row] : default,
        Tensor = parent is null ? null : Handed(parent),
    };
}
