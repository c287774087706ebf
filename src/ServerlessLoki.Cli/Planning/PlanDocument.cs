using ServerlessLoki.Planning;

namespace ServerlessLoki.Cli.Planning;

/// <summary>Plan with names instead of indices; its members are those of <c>GET /plan</c>.</summary>
internal static class PlanDocument
{
    /// <summary>Makes the document.</summary>
    public static object Of(string scenario, PlanningProblem problem, Plan plan) => new
    {
        scenario,
        plan.Policy,
        plan.Accuracy,
        plan.CostPerHour,
        plan.Replicas,
        pipelines = problem.Pipelines.Select((p, i) => new
        {
            p.Pipeline.Name,
            demandQps = plan.DemandQps[i],
            servedShare = plan.ServedShare[i],
            predictedP99Ms = PredictedP99Ms(plan, i),
            sloMs = p.Pipeline.SloUs / 1000.0,
        }),
        slots = plan.Slots.Select(s => new
        {
            pipeline = problem.Pipelines[s.Pipeline].Pipeline.Name,
            task = Task(problem, s).Name,
            variant = Task(problem, s).Variants[s.Variant].Name,
            held = s.Held.Select(v => Task(problem, s).Variants[v].Name),
            device = problem.Devices[s.Device].Name,
            s.Batch,
            s.Replicas,
            s.CapacityQps,
            s.LoadQps,
            latencyMs = s.LatencyUs / 1000,
        }),
        flows = plan.Flows.Select(f => new
        {
            pipeline = problem.Pipelines[f.Pipeline].Pipeline.Name,
            path = f.Steps.Select(s => problem.Pipelines[f.Pipeline].Pipeline.Tasks[s.Task].Variants[s.Variant].Name),
            f.Qps,
            f.Accuracy,
        }),
        proof = new { plan.Proof.Step, plan.Proof.Status, plan.Proof.Objective, plan.Proof.Bound, plan.Proof.Gap, plan.Proof.Nodes },
        why = plan.Why,
    };

    /// <summary>Returns the predicted end-to-end latency of a pipeline, milliseconds; null when the policy predicts none.</summary>
    public static double? PredictedP99Ms(Plan plan, int pipeline) =>
        !plan.PredictedP99Us.IsDefault && pipeline < plan.PredictedP99Us.Length ? plan.PredictedP99Us[pipeline] / 1000 : null;

    private static Pipelines.PipelineTask Task(PlanningProblem problem, SlotGroup slot) =>
        problem.Pipelines[slot.Pipeline].Pipeline.Tasks[slot.Task];
}
