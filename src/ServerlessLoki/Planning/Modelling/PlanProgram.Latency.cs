using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <content>The latency rule C5.</content>
internal sealed partial class PlanProgram
{
    /// <summary>Adds rows that forbid the paths of a solution that break the latency rule; false when no path does.</summary>
    public bool AddLatencyCuts(Solution solution)
    {
        var added = false;
        foreach (var pipeline in _space.Pipelines.Where(p => p.CanServe))
        {
            foreach (var prefix in pipeline.Graph.Tasks.Where(t => t.IsLeaf).SelectMany(t => pipeline.Prefixes[t.Index]))
            {
                if (solution.Values[_flow[prefix.Id]] > 1e-9)
                    added |= AddLatencyCut(pipeline, prefix, solution);
            }
        }

        return added;
    }

    private bool AddLatencyCut(PipelineSpace pipeline, Prefix path, Solution solution)
    {
        var variants = path.Upward().ToArray();
        var level = variants.Select(v => Array.FindIndex(_level[v.Id], u => solution.Values[u] > 0.5)).ToArray();
        if (Array.Exists(level, k => k < 0) || Total(level) <= pipeline.BudgetUs)
            return false;

        // The lower the forbidden corner, the more it forbids.
        for (var i = 0; i < level.Length; i++)
        {
            while (level[i] > 0 && Total([.. level.Select((k, j) => j == i ? k - 1 : k)]) > pipeline.BudgetUs)
                level[i]--;
        }

        var row = _builder.AddRow(double.NegativeInfinity, 0);
        _builder.AddTerm(row, _flow[path.Id], 1);
        for (var i = 0; i < level.Length; i++)
        {
            if (level[i] > 0)
                _builder.AddTerm(row, _level[variants[i].Id][level[i] - 1], -1);
        }

        return true;

        double Total(int[] levels) => levels.Select((k, i) => variants[i].Levels[k].LatencyUs).Sum();
    }

    private void AddLatencyPairs(PipelineSpace pipeline)
    {
        foreach (var prefix in pipeline.Prefixes.SelectMany(p => p).Where(p => p.Parent is not null))
        {
            foreach (var ancestor in prefix.Upward().Skip(1))
            {
                var others = prefix.MinUs - prefix.Last.MinUs - ancestor.MinUs + pipeline.MinBelowUs[prefix.Last.Task];
                AddLatencyPair(prefix, ancestor, pipeline.BudgetUs - others);
            }
        }
    }

    private void AddLatencyPair(Prefix prefix, Candidate ancestor, double budgetUs)
    {
        var last = prefix.Last;
        var before = last.Levels.Length;
        for (var j = 0; j < ancestor.Levels.Length; j++)
        {
            var fast = last.Levels.Count(l => ancestor.Levels[j].LatencyUs + l.LatencyUs <= budgetUs);
            if (fast == before)
                continue;
            before = fast;
            var row = _builder.AddRow(double.NegativeInfinity, 0);
            _builder.AddTerm(row, _flow[prefix.Id], 1);
            if (j > 0)
                _builder.AddTerm(row, _level[ancestor.Id][j - 1], -1);
            if (fast > 0)
                _builder.AddTerm(row, _level[last.Id][fast - 1], -1);
        }
    }
}
