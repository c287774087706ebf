namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>One round of the planner.</summary>
/// <param name="Action">Action of the round in words, for example <c>downgrade cls</c>.</param>
/// <param name="Setting">Setting after the round.</param>
/// <param name="Cost">Cost after the round, per hour.</param>
internal sealed record PlanStep(string Action, PipelineSetting Setting, double Cost);
