using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>What the planner found for one pipeline.</summary>
/// <param name="Start">Algorithm 1's setting, or null: no replicas meet the objective.</param>
/// <param name="Untrimmed">Algorithm 2's setting.</param>
/// <param name="Setting">The same with batches trimmed.</param>
/// <param name="Cost">Of <paramref name="Setting"/>, per hour.</param>
/// <param name="P99Us">Estimated, microseconds.</param>
/// <param name="Steps">How it came about.</param>
internal sealed record PlannedPipeline(
    PipelineSetting Start, PipelineSetting Untrimmed, PipelineSetting Setting, double Cost, double P99Us, ImmutableArray<PlanStep> Steps);
