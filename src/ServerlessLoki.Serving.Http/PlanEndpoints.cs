using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Http;

/// <summary>Endpoint <c>GET /plan</c>: the plan in force with names instead of indices, its proof and its explanation.</summary>
internal sealed class PlanEndpoints(LokiApiContext api)
{
    public Task PlanAsync(HttpContext context)
    {
        var engine = api.RequireEngine();
        if (engine.Plan is not { } plan || engine.Problem is not { } problem)
            throw new ApiFaultException(503, "unavailable", "There is no plan yet: the first one is being made.", TimeSpan.FromSeconds(1));
        return JsonAnswer.WriteAsync(context, 200, (plan, problem), static (json, s) => Write(json, s.plan, s.problem));
    }

    private static void Write(Utf8JsonWriter json, Plan plan, PlanningProblem problem)
    {
        json.WriteStartObject();
        json.WriteNumber("version"u8, plan.Version);
        json.WriteString("policy"u8, plan.Policy);
        Number(json, "accuracy", plan.Accuracy);
        Number(json, "cost_per_hour", plan.CostPerHour);
        json.WriteNumber("replicas"u8, plan.Replicas);
        json.WriteStartArray("pipelines"u8);
        for (var p = 0; p < problem.Pipelines.Length; p++)
            PipelineOf(json, plan, problem, p);
        json.WriteEndArray();
        json.WriteStartArray("slots"u8);
        foreach (var slot in plan.Slots)
            Slot(json, slot, problem);
        json.WriteEndArray();
        json.WriteStartArray("flows"u8);
        foreach (var flow in plan.Flows)
            Flow(json, flow, problem);
        json.WriteEndArray();
        Proof(json, plan.Proof);
        json.WriteStartArray("why"u8);
        foreach (var sentence in plan.Why)
            json.WriteStringValue(sentence);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void PipelineOf(Utf8JsonWriter json, Plan plan, PlanningProblem problem, int p)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, problem.Pipelines[p].Pipeline.Name);
        if (p < plan.DemandQps.Length)
            Number(json, "demand_qps", plan.DemandQps[p]);
        if (p < plan.ServedShare.Length)
            Number(json, "served_share", plan.ServedShare[p]);
        if (!plan.PredictedP99Us.IsDefault && p < plan.PredictedP99Us.Length)
            Number(json, "predicted_p99_ms", plan.PredictedP99Us[p] / 1000);
        Number(json, "slo_ms", problem.Pipelines[p].Pipeline.SloUs / 1000.0);
        json.WriteEndObject();
    }

    private static void Slot(Utf8JsonWriter json, SlotGroup slot, PlanningProblem problem)
    {
        var pipeline = problem.Pipelines[slot.Pipeline].Pipeline;
        var task = pipeline.Tasks[slot.Task];
        json.WriteStartObject();
        json.WriteString("pipeline"u8, pipeline.Name);
        json.WriteString("task"u8, task.Name);
        json.WriteString("variant"u8, task.Variants[slot.Variant].Name);
        if (slot.Held.Length > 1)
        {
            json.WriteStartArray("held"u8);
            foreach (var variant in slot.Held)
                json.WriteStringValue(task.Variants[variant].Name);
            json.WriteEndArray();
        }

        json.WriteString("device"u8, problem.Devices[slot.Device].Name);
        json.WriteNumber("batch"u8, slot.Batch);
        json.WriteNumber("replicas"u8, slot.Replicas);
        Number(json, "capacity_qps", slot.CapacityQps);
        Number(json, "load_qps", slot.LoadQps);
        Number(json, "latency_ms", slot.LatencyUs / 1000);
        json.WriteEndObject();
    }

    private static void Flow(Utf8JsonWriter json, PathFlow flow, PlanningProblem problem)
    {
        var pipeline = problem.Pipelines[flow.Pipeline].Pipeline;
        json.WriteStartObject();
        json.WriteString("pipeline"u8, pipeline.Name);
        json.WriteStartArray("path"u8);
        foreach (var step in flow.Steps)
            json.WriteStringValue(pipeline.Tasks[step.Task].Variants[step.Variant].Name);
        json.WriteEndArray();
        Number(json, "qps", flow.Qps);
        Number(json, "accuracy", flow.Accuracy);
        json.WriteEndObject();
    }

    private static void Proof(Utf8JsonWriter json, PlanProof proof)
    {
        json.WriteStartObject("proof"u8);
        json.WriteString("step"u8, proof.Step);
        json.WriteString("status"u8, proof.Status);
        Number(json, "objective", proof.Objective);
        Number(json, "bound", proof.Bound);
        Number(json, "gap", proof.Gap);
        json.WriteNumber("nodes"u8, proof.Nodes);
        json.WriteEndObject();
    }

    internal static void Number(Utf8JsonWriter json, string member, double? value)
    {
        if (value is { } v && double.IsFinite(v))
            json.WriteNumber(member, Math.Round(v, 6));
        else
            json.WriteNull(member);
    }
}
