using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Joins of branches; <see cref="JoinLedger"/> tells when everything for a join has arrived.</summary>
internal sealed partial class Dispatcher
{
    private void ForwardJoining(StageItem item, OutputRow[] rows, RowTensor? tensor, List<(int Edge, int Row)> children)
    {
        var scope = item.Scope;
        var graph = _pipelines[scope.Pipeline];
        var (inner, parts) = Passages.Of(graph, item.Task, item.Credit, item.Fork, rows, tensor, children, item.Key);
        var items = new List<StageItem>(children.Count);
        var place = 0;
        for (var i = 0; i < children.Count; i++)
        {
            var (edge, row) = children[i];
            place = i > 0 && children[i - 1].Edge == edge ? place + 1 : 0;
            if (parts[i].Kind == PassageKind.Arrival)
                continue;
            if (Child(item, rows, tensor, edge, row, place, parts[i].Credit, inner) is not { } child)
                return;
            items.Add(child);
        }

        scope.Report(item, rows, tensor, parts.Count);
        var ready = scope.Book(item, inner, parts);
        foreach (var child in items)
            Send(child);
        foreach (var join in ready)
            SendJoin(scope, join);
    }

    /// <summary>Sends a join for which everything has arrived.</summary>
    public void SendJoin(QueryScope scope, ReadyJoin join)
    {
        var last = join.Arrivals[^1];
        var accuracy = join.Accuracy;
        var key = ItemKeys.Join(join.Fork.Key, join.Task);
        var variant = ChooseOrFail(scope, accuracy, last.Input.Edge, last.From.Variant, key);
        if (variant < 0)
            return;
        Send(new StageItem
        {
            Scope = scope,
            Task = join.Task,
            Variant = variant,
            Edge = last.Input.Edge,
            ParentTask = join.Fork.Task,
            ParentStart = join.Fork.Credit.Start,
            Inputs = [.. join.Arrivals.Select(a => a.Input)],
            Fork = join.Fork,
            Credit = join.Credit,
            Key = key,
            Accuracy = accuracy * _pipelines[scope.Pipeline].Tasks[join.Task].Variants[variant].Accuracy,
            QueuedUs = join.Arrivals.Max(a => a.From.QueuedUs),
            ComputedUs = join.Arrivals.Max(a => a.From.ComputedUs),
        });
    }
}
