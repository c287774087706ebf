using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Bounds that no plan can beat, however it splits time between processing and queueing.</summary>
internal static class OrderBounds
{
    /// <summary>Computes the demand-weighted accuracy if every task ran the most accurate of its variants that can answer in
    /// time.</summary>
    public static double Accuracy(PlanningProblem problem)
    {
        var weights = PipelineWeights.Of(problem);
        var (sum, all) = (0.0, 0.0);
        for (var p = 0; p < weights.Length; p++)
        {
            if (Accuracy(problem, problem.Pipelines[p]) is not { } accuracy)
                continue;
            sum += weights[p] * accuracy;
            all += weights[p];
        }

        return all > 0 ? sum / all : 0;
    }

    // Null where nothing can be served in time.
    private static double? Accuracy(PlanningProblem problem, PipelineDemand demand)
    {
        var graph = demand.Pipeline;
        double? SingleUs(Variant variant) => problem.Devices.Where(d => d.Slots > 0).Min(d => problem.Profile.Find(variant.Name, d.Name)?.LatencyUs(1));
        var best = new double[graph.Tasks.Length];
        foreach (var task in graph.Tasks)
        {
            var runs = task.Variants.Where(v => SingleUs(v) <= graph.SloUs).ToList();
            if (runs.Count == 0)
                return null;
            best[task.Index] = runs.Max(v => v.Accuracy);
        }

        var weights = LeafWeights.Of(demand);
        var reached = new double[graph.Visits.Length];
        for (var v = 0; v < reached.Length; v++)
            reached[v] = best[graph.Visits[v].Task] * (graph.Visits[v].Parent is { } parent ? reached[parent.Index] : 1);
        return reached.Zip(weights).Sum(x => x.First * x.Second);
    }

    /// <summary>Makes the proof of a plan that the policy's own programs did not find, and a sentence about it.</summary>
    /// <param name="problem">Problem that the plan answers.</param>
    /// <param name="plan">Plan to prove.</param>
    /// <param name="own">Proof of the policy's own search.</param>
    public static (PlanProof Proof, string Sentence) Proof(PlanningProblem problem, Plan plan, PlanProof own)
    {
        var status = own.Status == PlanSolver.TimeRanOut ? own.Status : "best in rehearsal";
        var demand = problem.Pipelines.Sum(p => p.DemandQps);
        var served = demand > 0 ? plan.ServedShare.Select((s, p) => s * problem.Pipelines[p].DemandQps).Sum() / demand : plan.ServedShare.Average();
        if (served < 1 - 1e-6)
            return (new PlanProof(served, 1, status, own.Nodes, "overload"), $"It serves {100 * served:0.##} %; that no plan serves more is not proven.");
        var proof = new PlanProof(plan.Accuracy, Math.Max(plan.Accuracy, Accuracy(problem)), status, own.Nodes, "accuracy");
        return (proof, $"Accuracy {plan.Accuracy:0.0000}; no plan can beat this by more than {100 * proof.Gap:0.##} %.");
    }
}
