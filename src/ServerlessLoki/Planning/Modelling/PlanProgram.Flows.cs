namespace ServerlessLoki.Planning.Modelling;

/// <content>Flows: what is served, on which variant paths (C6, 2.7), through slots that are there and can carry it (C1, C4).</content>
internal sealed partial class PlanProgram
{
    private void AddServed(double leastServedQps)
    {
        var partial = _goal is Goal.MostServed or Goal.MostAccurateOfServed;
        foreach (var pipeline in _space.Pipelines)
        {
            var value = _goal == Goal.MostServed ? _weights[pipeline.Index] : 0;
            _served[pipeline.Index] = pipeline.CanServe ? _builder.AddColumn(partial ? 0 : 1, 1, value) : -1;
        }

        if (leastServedQps <= 0)
            return;
        var row = _builder.AddRow(leastServedQps, double.PositiveInfinity, "served");
        foreach (var pipeline in _space.Pipelines.Where(p => p.CanServe))
            _builder.AddTerm(row, _served[pipeline.Index], pipeline.Demand.DemandQps);
    }

    private void AddFlows()
    {
        var value = _goal switch
        {
            Goal.MostAccurate or Goal.MostAccurateOfServed => 1,
            Goal.BestWorth => _worth!.Accuracy,
            _ => 0,
        };
        foreach (var prefix in _space.Prefixes)
            _flow[prefix.Id] = _builder.AddColumn(0, 1, value * FlowValue(prefix));
    }

    private double FlowValue(Prefix prefix)
    {
        var pipeline = _space.Pipelines[prefix.Last.Pipeline];
        return _weights[prefix.Last.Pipeline] * pipeline.LeafWeights[prefix.Visit] * prefix.Accuracy;
    }

    private void AddConservation(PipelineSpace pipeline)
    {
        var root = _builder.AddRow(0, 0);
        _builder.AddTerm(root, _served[pipeline.Index], -1);
        foreach (var prefix in pipeline.Prefixes[0])
            _builder.AddTerm(root, _flow[prefix.Id], 1);
        foreach (var edge in pipeline.Graph.Tasks.SelectMany(t => t.Outgoing))
        {
            var children = pipeline.Prefixes[edge.To].ToLookup(p => p.Parent!.Id);
            foreach (var parent in pipeline.Prefixes[edge.From])
            {
                var row = _builder.AddRow(0, 0);
                _builder.AddTerm(row, _flow[parent.Id], -1);
                foreach (var child in children[parent.Id])
                    _builder.AddTerm(row, _flow[child.Id], 1);
            }
        }
    }

    // One run answers all branches, so its variant is the same whichever way is looked at.
    private void AddJoins(PipelineSpace pipeline)
    {
        foreach (var task in pipeline.Graph.Tasks.Where(t => t.IsJoin))
        {
            var ways = pipeline.Graph.Visits.Where(v => v.Task == task.Index).Select(v => v.Index).ToArray();
            foreach (var candidate in pipeline.Candidates[task.Index].Skip(1))
            {
                foreach (var way in ways.Skip(1))
                {
                    var row = _builder.AddRow(0, 0);
                    foreach (var prefix in pipeline.Prefixes[task.Index].Where(p => p.Last.Id == candidate.Id && (p.Visit == way || p.Visit == ways[0])))
                        _builder.AddTerm(row, _flow[prefix.Id], prefix.Visit == way ? 1 : -1);
                }
            }
        }
    }

    private void AddCapacity(Candidate candidate)
    {
        var pipeline = _space.Pipelines[candidate.Pipeline];
        var capacity = _builder.AddRow(double.NegativeInfinity, 0);
        foreach (var way in pipeline.Prefixes[candidate.Task].Where(p => p.Last.Id == candidate.Id).GroupBy(p => p.Visit))
        {
            // Each way to the task carries all queries, so each may give all of them to one variant.
            var running = _builder.AddRow(double.NegativeInfinity, 0);
            foreach (var prefix in way)
            {
                _builder.AddTerm(capacity, _flow[prefix.Id], pipeline.Demand.DemandQps * prefix.Factor);
                _builder.AddTerm(running, _flow[prefix.Id], 1);
            }

            _builder.AddTerm(running, _level[candidate.Id][^1], -1);
        }

        for (var k = 0; k < candidate.Levels.Length; k++)
        {
            for (var d = 0; d < _space.Problem.Devices.Length; d++)
            {
                if (_slots[candidate.Id][k, d] >= 0)
                    _builder.AddTerm(capacity, _slots[candidate.Id][k, d], -candidate.Levels[k].SlotQps[d] * _space.Problem.Options.Utilization);
            }

            if (candidate.Levels[k].ReserveQps <= 0)
                continue;
            _builder.AddTerm(capacity, _level[candidate.Id][k], candidate.Levels[k].ReserveQps);
            if (k > 0)
                _builder.AddTerm(capacity, _level[candidate.Id][k - 1], -candidate.Levels[k].ReserveQps);
        }
    }
}
