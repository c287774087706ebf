using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Builds the plan of policies that run one variant per task: slots, flows, and the share that the slots carry.</summary>
internal static class SingleVariantPlan
{
    /// <summary>Builds the plan. Where the stages need more slots than there are, replicas are removed where the loss is least.</summary>
    /// <param name="problem">Problem to plan for.</param>
    /// <param name="policy">Name of the policy.</param>
    /// <param name="stages">[pipeline] the stage of each task; empty = not served.</param>
    /// <param name="limitsQps">Most root queries per second to serve, by pipeline, whatever the capacity.</param>
    public static Plan Assemble(PlanningProblem problem, string policy, IReadOnlyList<ImmutableArray<SingleVariantStage>> stages, IReadOnlyList<double> limitsQps)
    {
        var groups = new List<SlotGroup>();
        for (var p = 0; p < stages.Count; p++)
            groups.AddRange(Groups(problem, p, stages[p]));
        Fit(problem, groups);

        var flows = new List<PathFlow>();
        var served = new double[stages.Count];
        var accuracy = new double[stages.Count];
        for (var p = 0; p < stages.Count; p++)
        {
            var own = groups.Where(g => g.Pipeline == p).OrderBy(g => g.Task).ToArray();
            if (own.Length < problem.Pipelines[p].Pipeline.Tasks.Length)
                continue;
            served[p] = Served(problem, p, own, limitsQps[p]);
            var pipelineFlows = Flows(problem.Pipelines[p], p, own, served[p]).ToList();
            var weights = LeafWeights.Of(problem.Pipelines[p]).Where((_, v) => problem.Pipelines[p].Pipeline.Tasks[problem.Pipelines[p].Pipeline.Visits[v].Task].IsLeaf);
            accuracy[p] = pipelineFlows.Zip(weights).Sum(x => x.First.Accuracy * x.Second);
            flows.AddRange(pipelineFlows);
        }

        groups.RemoveAll(g => served[g.Pipeline] == 0 && problem.Pipelines[g.Pipeline].DemandQps > 0);
        Load(problem, groups, served);
        if (problem.Options.FillLeftover)
            LeftoverSlots.Fill(problem, groups);
        var demand = PipelineWeights.Of(problem);
        var weight = served.Zip(demand).Sum(x => x.First * x.Second);
        var cost = groups.Sum(g => g.SlotsTaken * problem.Devices[g.Device].PricePerHour);
        return new Plan
        {
            Version = (problem.Previous?.Version ?? 0) + 1,
            Policy = policy,
            Slots = [.. groups],
            Flows = [.. flows],
            ServedShare = [.. served],
            Accuracy = weight > 0 ? accuracy.Select((a, p) => a * served[p] * demand[p]).Sum() / weight : 0,
            CostPerHour = cost,
            DemandQps = [.. problem.Pipelines.Select(p => p.DemandQps)],
            Proof = new PlanProof(cost, cost, "heuristic", 0, served.Any(s => s < 1) ? "overload" : "hardware"),
        };
    }

    private static IEnumerable<SlotGroup> Groups(PlanningProblem problem, int pipeline, ImmutableArray<SingleVariantStage> stages)
    {
        for (var t = 0; t < stages.Length; t++)
        {
            var stage = stages[t];
            var device = problem.Devices[stage.Device];
            var latency = problem.Profile.Find(problem.Pipelines[pipeline].Pipeline.Tasks[t].Variants[stage.Variant].Name, device.Name)!;
            var qps = stage.Replicas * device.SlotShare * latency.ThroughputQps(stage.Batch);
            yield return new SlotGroup(pipeline, t, stage.Variant, stage.Device, stage.Batch, stage.Replicas, qps, 0, latency.LatencyUs(stage.Batch));
        }
    }

    // Where a device is short, the replica goes whose stage is left with the most per query; a stage without any ends its pipeline.
    private static void Fit(PlanningProblem problem, List<SlotGroup> groups)
    {
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            var over = groups.Where(g => g.Device == d).Sum(g => g.Replicas) - problem.Devices[d].Slots;
            for (; over > 0; over--)
            {
                var (least, most) = (-1, double.NegativeInfinity);
                for (var i = 0; i < groups.Count; i++)
                {
                    if (groups[i].Device != d)
                        continue;
                    var left = groups[i].CapacityQps / groups[i].Replicas * (groups[i].Replicas - 1) / Math.Max(1e-9, RowsQps(problem, groups, groups[i]));
                    if (left > most)
                        (least, most) = (i, left);
                }

                var group = groups[least];
                if (group.Replicas == 1)
                    groups.RemoveAt(least);
                else
                    groups[least] = group with { Replicas = group.Replicas - 1, CapacityQps = group.CapacityQps / group.Replicas * (group.Replicas - 1) };
            }
        }
    }

    private static double Served(PlanningProblem problem, int pipeline, SlotGroup[] groups, double limitQps)
    {
        var demandQps = problem.Pipelines[pipeline].DemandQps;
        var share = demandQps > limitQps ? limitQps / demandQps : 1;
        foreach (var group in groups)
        {
            var rows = RowsQps(problem, groups, group);
            if (rows > 0)
                share = Math.Min(share, group.CapacityQps * problem.Options.Utilization / rows);
        }

        // A hair above capacity is rounding.
        return share > 1 - 1e-9 ? 1 : share;
    }

    private static void Load(PlanningProblem problem, List<SlotGroup> groups, double[] served)
    {
        var loads = groups.Select(g => RowsQps(problem, groups, g) * served[g.Pipeline]).ToArray();
        for (var i = 0; i < groups.Count; i++)
            groups[i] = groups[i] with { LoadQps = loads[i] };
    }

    // Rows per second of a stage if all demand were served.
    private static double RowsQps(PlanningProblem problem, IReadOnlyList<SlotGroup> groups, SlotGroup group)
    {
        var demand = problem.Pipelines[group.Pipeline];
        var rows = VisitRows.OfTasks(demand.Pipeline, edge =>
        {
            var parent = groups.FirstOrDefault(g => g.Pipeline == group.Pipeline && g.Task == edge.From);
            return demand.FanOut[edge.Index, parent?.Variant ?? 0] * problem.Options.FanOutHeadroom;
        });
        return rows[group.Task] * demand.DemandQps;
    }

    private static IEnumerable<PathFlow> Flows(PipelineDemand demand, int pipeline, SlotGroup[] groups, double share)
    {
        foreach (var leaf in demand.Pipeline.Visits.Where(v => demand.Pipeline.Tasks[v.Task].IsLeaf))
        {
            var steps = new List<PathStep>();
            var accuracy = 1.0;
            for (var visit = leaf; visit is not null; visit = visit.Parent)
            {
                var variant = groups[visit.Task].Variant;
                steps.Insert(0, new PathStep(visit.Task, variant));
                accuracy *= demand.Pipeline.Tasks[visit.Task].Variants[variant].Accuracy;
            }

            yield return new PathFlow(pipeline, [.. steps], demand.DemandQps * share, accuracy);
        }
    }
}
