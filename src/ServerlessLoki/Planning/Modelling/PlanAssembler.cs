using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Builds a plan, with the figures that operators and routers read, from decisions.</summary>
internal static class PlanAssembler
{
    public static Plan Assemble(PlanDraft draft, string policy, PlanProof proof, IEnumerable<string> why)
    {
        var problem = draft.Space.Problem;
        draft.Trim();
        if (problem.Options.FillLeftover)
            draft.Fill();
        return new Plan
        {
            Version = (problem.Previous?.Version ?? 0) + 1,
            Policy = policy,
            Slots = Slots(draft),
            Flows = Flows(draft),
            ServedShare = [.. draft.Served],
            Accuracy = Accuracy(draft),
            CostPerHour = draft.Slots.Sum(s => s.Replicas * s.Candidate.SlotsEach * problem.Devices[s.Device].PricePerHour),
            DemandQps = [.. problem.Pipelines.Select(p => p.DemandQps)],
            PredictedP99Us = [.. draft.Space.Pipelines.Select(p => SlowestUs(draft, p))],
            Proof = proof,
            Why = [.. why, .. Explain.Joins(problem)],
        };
    }

    /// <summary>Computes the demand-weighted mean, over the served queries, of the mean accuracy over leaf results.</summary>
    public static double Accuracy(PlanDraft draft)
    {
        var weights = PipelineWeights.Of(draft.Space.Problem);
        double sum = 0, served = 0;
        foreach (var pipeline in draft.Space.Pipelines.Where(p => draft.Served[p.Index] > 0))
        {
            foreach (var leaf in pipeline.Graph.Tasks.Where(t => t.IsLeaf))
            {
                foreach (var path in pipeline.Prefixes[leaf.Index])
                    sum += weights[pipeline.Index] * pipeline.LeafWeights[path.Visit] * draft.Flow[path.Id] * path.Accuracy;
            }

            served += weights[pipeline.Index] * draft.Served[pipeline.Index];
        }

        return served > 0 ? sum / served : 0;
    }

    private static ImmutableArray<SlotGroup> Slots(PlanDraft draft)
    {
        var capacity = draft.Slots.GroupBy(s => s.Candidate.Id)
            .ToDictionary(g => g.Key, g => g.Sum(s => s.Replicas * s.Candidate.Levels[s.Level].SlotQps[s.Device]));
        return
        [
            .. draft.Slots
                .OrderBy(s => s.Candidate.Pipeline).ThenBy(s => s.Candidate.Task)
                .ThenByDescending(s => s.Candidate.Accuracy).ThenBy(s => s.Candidate.Variant).ThenBy(s => s.Device)
                .Select(s =>
                {
                    var level = s.Candidate.Levels[s.Level];
                    var qps = s.Replicas * level.SlotQps[s.Device];
                    var load = draft.LoadQps(s.Candidate) * qps / capacity[s.Candidate.Id];
                    return new SlotGroup(
                        s.Candidate.Pipeline, s.Candidate.Task, s.Candidate.Variant, s.Device, level.Batch[s.Device], s.Replicas, qps, load, LatencyUs(draft, s))
                    {
                        Cores = s.Candidate.Cores,
                        WaitUs = level.WaitUs,
                        ReserveQps = level.ReserveQps * qps / capacity[s.Candidate.Id],
                    };
                }),
        ];
    }

    private static double LatencyUs(PlanDraft draft, (Candidate Candidate, int Level, int Device, int Replicas) slot)
    {
        var problem = draft.Space.Problem;
        var profile = problem.Profile.Find(slot.Candidate.Name, problem.Devices[slot.Device].Name)!;
        return profile.LatencyUs(slot.Candidate.Levels[slot.Level].Batch[slot.Device]);
    }

    private static ImmutableArray<PathFlow> Flows(PlanDraft draft) =>
    [
        .. draft.Space.Pipelines
            .SelectMany(p => p.Graph.Tasks.Where(t => t.IsLeaf).SelectMany(t => p.Prefixes[t.Index]))
            .Where(p => draft.Flow[p.Id] > 0)
            .Select(p => new PathFlow(
                p.Last.Pipeline,
                [.. p.Upward().Reverse().Select(c => new PathStep(c.Task, c.Variant))],
                draft.Flow[p.Id] * draft.Space.Pipelines[p.Last.Pipeline].Demand.DemandQps,
                p.Accuracy))
            .OrderBy(f => f.Pipeline).ThenBy(f => f.Steps[^1].Task).ThenByDescending(f => f.Accuracy),
    ];

    /// <summary>Computes the response time of the slowest used path, microseconds.</summary>
    private static double SlowestUs(PlanDraft draft, PipelineSpace pipeline)
    {
        var response = draft.Slots.GroupBy(s => s.Candidate.Id).ToDictionary(g => g.Key, g => g.Max(s =>
        {
            var processing = LatencyUs(draft, s);
            return processing + (s.Candidate.Levels[s.Level].WaitUs ?? processing);
        }));
        return pipeline.Graph.Tasks.Where(t => t.IsLeaf).SelectMany(t => pipeline.Prefixes[t.Index])
            .Where(p => draft.Flow[p.Id] > 0)
            .Select(p => p.Upward().Sum(c => response.GetValueOrDefault(c.Id)))
            .DefaultIfEmpty(0).Max();
    }
}
