namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>What the planner did in one round.</summary>
/// <param name="Action">For people, for example <c>downgrade cls</c>.</param>
/// <param name="Setting">Afterwards.</param>
/// <param name="Cost">Afterwards, per hour.</param>
internal sealed record PlanStep(string Action, PipelineSetting Setting, double Cost);
