namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Branches that meet again: see <see cref="JoinLedger"/> for how a join knows that all has come.</summary>
internal sealed partial class Dispatcher
{
    private void ForwardJoining(StageItem item, OutputRow[] rows, float[]? tensor, List<(int Edge, int Row)> children)
    {
        var scope = item.Scope;
        var graph = _pipelines[scope.Pipeline];
        var opened = graph.Joins[item.Task]
            .Where(j => children.Exists(c => graph.Edges[c.Edge].To == j || graph.Reaches(graph.Edges[c.Edge].To, j))).ToArray();
        var inner = opened.Length > 0 ? new Fork(item.Task, item.Credit, item.Fork) : item.Fork;
        var parts = children.Count + opened.Length;
        var passages = new List<Passage>(parts);
        var items = new List<StageItem>(children.Count);
        foreach (var (edge, row) in children)
        {
            var (task, credit) = (graph.Edges[edge].To, item.Credit.Split(passages.Count, parts));
            if (graph.Tasks[task].IsJoin)
            {
                passages.Add(new Passage(PassageKind.Arrival, task, credit, new JoinInput(edge, row >= 0 ? rows[row] : default, tensor)));
                continue;
            }

            if (Child(item, rows, tensor, edge, row, credit, inner) is not { } child)
            {
                FailUnrouted(scope, item.Accuracy, task);
                return;
            }

            passages.Add(new Passage(PassageKind.Child, task, credit));
            items.Add(child);
        }

        foreach (var join in opened)
            passages.Add(new Passage(PassageKind.Kept, join, item.Credit.Split(passages.Count, parts)));
        scope.Report(item, rows, tensor, parts);
        var ready = scope.Book(item, inner, passages);
        foreach (var child in items)
            Send(child);
        foreach (var join in ready)
            SendJoin(scope, join);
    }

    private void SendJoin(QueryScope scope, ReadyJoin join)
    {
        var last = join.Arrivals[^1];
        var accuracy = join.Accuracy;
        var variant = ChooseChild(scope, accuracy, last.Input.Edge, last.From.Variant, join.Credit);
        if (variant < 0)
        {
            FailUnrouted(scope, accuracy, join.Task);
            return;
        }

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
            Accuracy = accuracy * _pipelines[scope.Pipeline].Tasks[join.Task].Variants[variant].Accuracy,
            QueuedUs = join.Arrivals.Max(a => a.From.QueuedUs),
            ComputedUs = join.Arrivals.Max(a => a.From.ComputedUs),
        });
    }
}
