namespace ServerlessLoki.Planning.Scenarios;

/// <summary>A question about planning, as a file asks it: these pipelines, this demand, this cluster.</summary>
/// <param name="Name">For headings.</param>
/// <param name="Problem">What is to be planned.</param>
/// <param name="Policy">Policy that the file asks for; null = none named.</param>
public sealed record Scenario(string Name, PlanningProblem Problem, string? Policy);
