using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Fan-out: outputs become children, each routed by the plan in force and by the time it has left.</summary>
internal sealed partial class Dispatcher
{
    [ThreadStatic]
    private static List<(int Edge, int Row)>? s_children;

    public void Forward(StageItem item, OutputRow[] rows, RowTensor? tensor)
    {
        var scope = item.Scope;
        if (scope.HasEnded)
            return;
        if (_clock.NowUs > scope.DeadlineUs && !_pipelines[scope.Pipeline].Tasks[item.Task].Outgoing.IsEmpty)
        {
            scope.Fail(QueryOutcome.Expired, PastDeadline);
            return;
        }

        try
        {
            var children = ChildrenOf(item, rows);
            if (_hasJoins[scope.Pipeline])
            {
                ForwardJoining(item, rows, tensor, children);
                return;
            }

            var items = new StageItem[children.Count];
            var place = 0;
            for (var i = 0; i < items.Length; i++)
            {
                place = i > 0 && children[i - 1].Edge == children[i].Edge ? place + 1 : 0;
                if (Child(item, rows, tensor, children[i].Edge, children[i].Row, place, item.Credit.Split(i, items.Length), item.Fork) is not { } child)
                    return;
                items[i] = child;
            }

            // The parent's answer goes first, so that a child's can never complete the query without it.
            scope.Report(item, rows, tensor, items.Length);
            foreach (var child in items)
                Send(child);
        }
        catch (Exception exception)
        {
            // A transform of the user's may throw anything; only this query pays.
            scope.Fail(QueryOutcome.Failed, exception.Message);
        }
    }

    private List<(int Edge, int Row)> ChildrenOf(StageItem item, OutputRow[] rows)
    {
        var (pipeline, task) = (item.Scope.Pipeline, _pipelines[item.Scope.Pipeline].Tasks[item.Task]);
        var children = s_children ??= [];
        children.Clear();
        foreach (var edge in task.Outgoing)
            _monitor.FannedOut(pipeline, edge.Index, item.Variant, Children.Add(task, _edges[pipeline][edge.Index], rows, children));

        return children;
    }

    public bool TryReroute(StageItem item)
    {
        if (_routing is not { } routing || item.Scope is DirectQuery)
            return false;
        var (scope, nowUs) = (item.Scope, _clock.NowUs);
        var to = Rerouting.ToTimely(routing.Table, scope.Pipeline, item.Task, item.Variant, scope.DeadlineUs - nowUs, Needed(item));
        return SendOn(item, to, nowUs);
    }

    /// <summary>Sends an item to another variant where no slot runs its own any more, or fails its query with the cause.</summary>
    public void Evacuate(StageItem item, string cause)
    {
        try
        {
            if (!item.Scope.HasEnded && !TryReroute(item))
                item.Scope.Fail(QueryOutcome.Unavailable, cause, PlanChangeIn);
        }
        catch (Exception exception)
        {
            // Whether it was sent or not: only this query pays.
            item.Scope.Fail(QueryOutcome.Failed, exception.Message);
        }
    }

    public bool TryRerouteToFastest(StageItem item)
    {
        if (_routing is not { } routing || item.Scope is DirectQuery)
            return false;
        var to = Rerouting.ToFastest(routing.Table, item.Scope.Pipeline, item.Task, item.Variant, Needed(item));
        return SendOn(item, to, _clock.NowUs);
    }

    /// <summary>Returns the least product of accuracies that the item's task and those below must still reach.</summary>
    private double Needed(StageItem item) => item.Scope.MinAccuracy * AccuracyOf(item, item.Variant) / item.Accuracy;

    private double AccuracyOf(StageItem item, int variant) => _pipelines[item.Scope.Pipeline].Tasks[item.Task].Variants[variant].Accuracy;

    private bool SendOn(StageItem item, int variant, long nowUs)
    {
        if (variant < 0)
            return false;
        Send(item.OnVariant(variant, item.Accuracy / AccuracyOf(item, item.Variant) * AccuracyOf(item, variant), nowUs));
        return true;
    }

    /// <summary>Makes a row's item for an edge; null when no variant can take it, and its query has failed.</summary>
    private StageItem? Child(StageItem parent, OutputRow[] rows, RowTensor? tensor, int edgeIndex, int row, int place, Credit credit, Fork? fork)
    {
        var scope = parent.Scope;
        var edge = _pipelines[scope.Pipeline].Edges[edgeIndex];
        var key = ItemKeys.Child(ItemKeys.Edge(parent.Key, edgeIndex), place);
        var variant = ChooseOrFail(scope, parent.Accuracy, edgeIndex, parent.Variant, key);
        if (variant < 0)
            return null;
        return new StageItem
        {
            Scope = scope,
            Task = edge.To,
            Variant = variant,
            Edge = edgeIndex,
            ParentTask = parent.Task,
            ParentStart = parent.Credit.Start,
            ParentRow = row,
            Region = row >= 0 ? rows[row] : default,
            Tensor = _pipelines[scope.Pipeline].Tasks[parent.Task].Output.IsTensors ? tensor : null,
            Fork = fork,
            Credit = credit,
            Key = key,
            Accuracy = parent.Accuracy * _pipelines[scope.Pipeline].Tasks[edge.To].Variants[variant].Accuracy,
            QueuedUs = parent.QueuedUs,
            ComputedUs = parent.ComputedUs,
        };
    }

    /// <summary>Chooses the variant for a child; −1 when none can take it, and its query has failed.</summary>
    /// <remarks>The choice and the message use one table, since the plan may change in between.</remarks>
    private int ChooseOrFail(QueryScope scope, double accuracy, int edge, int parentVariant, ulong key)
    {
        var table = _routing!.Table;
        var needed = scope.MinAccuracy <= 0 ? 0 : scope.MinAccuracy / accuracy;
        var variant = Rerouting.Planned(table, scope.Pipeline, edge, parentVariant, HashRandom.Unit(key), needed);
        if (scope.DeadlineUs != long.MaxValue && variant >= 0)
            variant = Rerouting.Choose(table, scope.Pipeline, edge, variant, scope.DeadlineUs - _clock.NowUs, needed);
        if (variant < 0)
            FailUnrouted(table, scope, accuracy, _pipelines[scope.Pipeline].Edges[edge].To);
        return variant;
    }

    /// <summary>Fails a query whose child found no variant: the plan changed under a query that needs accuracy, or its time is
    /// over.</summary>
    private void FailUnrouted(RoutingTable table, QueryScope scope, double accuracy, int childTask)
    {
        var options = table.Options(scope.Pipeline, childTask);
        if (options.IsEmpty)
        {
            scope.Fail(QueryOutcome.Unavailable, NobodyRuns(scope.Pipeline, childTask), PlanChangeIn);
            return;
        }

        var possible = accuracy * options[0].Accuracy * table.BestAccuracyBelow(scope.Pipeline, childTask);
        if (scope.MinAccuracy > possible + 1e-9)
            scope.Fail(QueryOutcome.Unavailable, TooInaccurate(scope.MinAccuracy, possible), PlanChangeIn);
        else
            scope.Fail(QueryOutcome.Expired, "No path could answer any more before the deadline.");
    }
}
