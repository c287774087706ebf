using ServerlessLoki.Routing;
using ServerlessLoki.Simulation.Rules;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Fan-out: rows become their children, each routed by the plan in force and by the time it has left.</summary>
internal sealed partial class Engine
{
    // Without the edge in it: all edges of a parent take the same record.
    private const ulong RecordSalt = 0xD6E8FEB86659FD93UL;

    /// <summary>Handles a row that left its batch: the row ends as a leaf result or becomes its children.</summary>
    private void Forward(int r)
    {
        ref var row = ref _rows[r];
        var stage = _stages[row.Stage];
        var q = row.Query;
        ref var query = ref _queries[q];
        if (IsKnownToHaveEnded(q))
        {
            Release(r);
            return;
        }

        Answered(ref query);
        query.Path |= stage.PathBit;
        if (stage.Outgoing.Length == 0)
        {
            ReportLeaf(r);
            return;
        }

        if (_options.Drop == DropRule.EveryTask && _nowUs > query.DeadlineUs)
        {
            GiveUp(q, query.DeadlineUs);
            Release(r);
            return;
        }

        if (stage.JoinGraph is { } graph)
        {
            ForwardJoining(r, stage, graph);
            return;
        }

        if (!FanOut(r, stage, out var first, out var count))
        {
            GiveUp(q, _nowUs);
            Release(r);
            return;
        }

        if (count == 0)
        {
            ReportLeaf(r);
            return;
        }

        _queries[q].Rows += count;
        SendAll(first, count);

        // The last reference to a live query is never its parent's: the children hold it.
        FreeRow(r);
        _queries[q].Rows--;
    }

    /// <summary>Sends a list of linked rows.</summary>
    private void SendAll(int first, int count)
    {
        _events += _hopUs > 0 ? 0 : count;
        while (first >= 0)
        {
            var next = _rows[first].Next;
            Send(first);
            first = next;
        }
    }

    /// <summary>Makes and routes all children of a row, linked; false, with no child made, when one has no route left.</summary>
    private bool FanOut(int parent, Stage stage, out int first, out int count)
    {
        first = -1;
        count = 0;
        var last = -1;
        var failed = false;
        foreach (var edge in stage.Outgoing)
        {
            var children = DrawChildren(parent, stage, edge, out var edgeKey);
            edge.Parents++;
            edge.Children += children;
            edge.Squares += (long)children * children;
            for (var i = 0; i < children && !failed; i++)
            {
                var c = NewChild(parent, stage, edge, ItemKeys.Child(edgeKey, i));
                if (c < 0)
                {
                    failed = true;
                    break;
                }

                if (last < 0)
                    first = c;
                else
                    _rows[last].Next = c;
                last = c;
                count++;
            }
        }

        if (!failed)
            return true;
        FreeRows(first);
        return false;
    }

    /// <summary>Draws the children along an edge: a function of the row's key, unless the query names the recorded parent of its
    /// root.</summary>
    private int DrawChildren(int parent, Stage stage, OutEdge edge, out ulong edgeKey)
    {
        var parentKey = _rows[parent].Key;
        edgeKey = ItemKeys.Edge(parentKey, edge.Edge);
        if (edge.Recorded is { } recorded)
        {
            var record = stage.Task == 0 ? _queries[_rows[parent].Query].Record : -1;
            return recorded[record >= 0 ? record : (int)(HashRandom.Unit(HashRandom.Mix(parentKey + RecordSalt)) * recorded.Length)];
        }

        var u = HashRandom.Unit(edgeKey);
        return edge.Variance is { } variance ? FanOutSampler.Draw(edge.Mean, variance, u) : FanOutSampler.Draw(_options.FanOut, edge.Mean, u);
    }

    /// <summary>Makes a routed child; −1 when it has no route left.</summary>
    private int NewChild(int parent, Stage stage, OutEdge edge, ulong key)
    {
        var variant = ChooseChild(_rows[parent].Query, stage.Pipeline, _rows[parent].Accuracy, edge.Edge, stage.Variant, HashRandom.Unit(key));
        if (variant < 0)
            return -1;
        var c = NewRow();
        ref var child = ref _rows[c];
        child.Key = key;
        child.Query = _rows[parent].Query;
        child.Stage = edge.ChildBase + variant;
        child.Accuracy = _rows[parent].Accuracy * _stages[child.Stage].Accuracy;
        child.Attempts = 0;
        child.Scope = -1;
        child.Next = -1;
        return c;
    }

    private int ChooseChild(int q, int pipeline, double accuracy, int edge, int parentVariant, double u)
    {
        ref readonly var query = ref _queries[q];
        var needed = query.MinAccuracy <= 0 ? 0 : query.MinAccuracy / accuracy;
        var planned = Rerouting.Planned(_table, pipeline, edge, parentVariant, u, needed);
        if (planned < 0 || !_options.Reroute)
            return planned;
        var chosen = Rerouting.Choose(
            _table, pipeline, edge, planned, query.DeadlineUs - _nowUs - _hopUs, needed);
        return chosen < 0 && _options.Drop != DropRule.EveryTask ? planned : chosen;
    }

    /// <summary>Sends a row that its own variant would serve too late to a faster one; false if none can answer in time.</summary>
    private bool TryReroute(int r, Stage stage)
    {
        if (!_options.Reroute)
            return false;
        var slackUs = _queries[_rows[r].Query].DeadlineUs - _nowUs - _hopUs;
        return SendOn(r, stage, Rerouting.ToTimely(_table, stage.Pipeline, stage.Task, stage.Variant, slackUs, Needed(r, stage)));
    }

    /// <summary>Sends a row that waited too long to the fastest variant; false if none is much faster than its own.</summary>
    private bool TryRerouteToFastest(int r, Stage stage) =>
        SendOn(r, stage, Rerouting.ToFastest(_table, stage.Pipeline, stage.Task, stage.Variant, Needed(r, stage)));

    private double Needed(int r, Stage stage) => _queries[_rows[r].Query].MinAccuracy * stage.Accuracy / _rows[r].Accuracy;

    private bool SendOn(int r, Stage stage, int variant)
    {
        if (variant < 0)
            return false;
        ref var row = ref _rows[r];
        row.Stage = _stageBase[stage.Pipeline][stage.Task] + variant;
        row.Accuracy = row.Accuracy / stage.Accuracy * _stages[row.Stage].Accuracy;
        Send(r);
        return true;
    }
}
