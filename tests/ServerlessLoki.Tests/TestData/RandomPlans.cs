using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>Plans that no policy made: any flows over any tree, with the capacity that they need.</summary>
internal static class RandomPlans
{
    /// <summary>A problem with one pipeline, a plan for it, and the load that the plan's flows mean, [task][variant] rows per second.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="spare">Capacity beyond the load, at most this share of it.</param>
    public static (PlanningProblem Problem, Plan Plan, double[][] Load) Of(int seed, double spare)
    {
        var random = new Random(seed);
        var parents = Enumerable.Range(0, random.Next(1, 6)).Select(t => t == 0 ? -1 : random.Next(t)).ToArray();
        var pipeline = Synthetic.Pipeline("p", random.Next(60, 600), parents, random.Next(1, 5));
        var problem = Synthetic.Problem([(pipeline, Math.Round(Math.Pow(10, random.NextDouble() * 4), 2))], [new DeviceType("cpu", 1000)]);
        var fanOut = new FanOut([.. pipeline.Edges.Select(e => pipeline.Tasks[e.From].Variants
            .Select(_ => random.Next(6) == 0 ? 0 : Math.Round(random.NextDouble() * 4, 2)).ToImmutableArray())]);
        problem = problem with { Pipelines = [problem.Pipelines[0] with { FanOut = fanOut }] };
        var demand = problem.Pipelines[0];

        // [task] paths to it with their queries per second and rows per query; the choice at a task depends on the whole path before it.
        var paths = new List<(PathFlow Flow, double Factor)>[parents.Length];
        var load = pipeline.Tasks.Select(t => new double[t.Variants.Length]).ToArray();
        foreach (var task in pipeline.Tasks)
        {
            List<(PathFlow Flow, double Factor)> before = task.Incoming.IsEmpty
                ? [(new PathFlow(0, [], demand.DemandQps, 1), 1)]
                : paths[task.Incoming[0].From];
            paths[task.Index] = [];
            foreach (var (flow, factor) in before)
            {
                var rows = factor * (task.Incoming.IsEmpty ? 1 : fanOut[task.Incoming[0].Index, flow.Steps[^1].Variant]);
                foreach (var (variant, share) in Split(random, task.Variants.Length))
                {
                    var qps = flow.Qps * share;
                    load[task.Index][variant] += qps * rows;
                    paths[task.Index].Add((new PathFlow(
                        0, flow.Steps.Add(new PathStep(task.Index, variant)), qps, flow.Accuracy * task.Variants[variant].Accuracy), rows));
                }
            }
        }

        var plan = new Plan
        {
            Policy = "random",
            Slots = [.. pipeline.Tasks.SelectMany(t => t.Variants.Where(v => paths[t.Index].Any(p => p.Flow.Steps[^1].Variant == v.Index)).Select(v => new SlotGroup(
                0, t.Index, v.Index, 0, 1, 1, Math.Max(1e-9, load[t.Index][v.Index] * (1 + (spare * random.NextDouble()))), load[t.Index][v.Index],
                problem.Profile.Find(v.Name, "cpu")!.LatencyUs(1))))],
            Flows = [.. pipeline.Tasks.Where(t => t.IsLeaf).SelectMany(t => paths[t.Index]).Select(p => p.Flow)],
            ServedShare = [1],
            Accuracy = 0,
            DemandQps = [demand.DemandQps],
            Proof = new PlanProof(0, 0, "optimal", 0, "random"),
        };
        return (problem, plan, load);
    }

    /// <summary>Some of the variants with shares that sum to 1.</summary>
    private static List<(int Variant, double Share)> Split(Random random, int variants)
    {
        var weights = Enumerable.Range(0, variants).Select(v => (Variant: v, Weight: random.Next(2) == 0 ? 0 : random.NextDouble())).Where(w => w.Weight > 0).ToList();
        if (weights.Count == 0)
            weights = [(random.Next(variants), 1)];
        var sum = weights.Sum(w => w.Weight);
        return [.. weights.Select(w => (w.Variant, w.Weight / sum))];
    }
}
