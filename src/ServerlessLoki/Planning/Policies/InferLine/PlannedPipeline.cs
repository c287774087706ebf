using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Result of the planner for one pipeline.</summary>
/// <param name="Start">Setting of algorithm 1; null = no replicas meet the objective.</param>
/// <param name="Untrimmed">Setting of algorithm 2.</param>
/// <param name="Setting">Setting of algorithm 2 with batches trimmed.</param>
/// <param name="Cost">Cost of <paramref name="Setting"/>, per hour.</param>
/// <param name="P99Us">Estimated 99th percentile of latency, microseconds.</param>
/// <param name="Steps">Rounds of the planner in order.</param>
internal sealed record PlannedPipeline(
    PipelineSetting Start, PipelineSetting Untrimmed, PipelineSetting Setting, double Cost, double P99Us, ImmutableArray<PlanStep> Steps);
