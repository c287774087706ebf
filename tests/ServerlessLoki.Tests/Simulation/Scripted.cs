using ServerlessLoki.Planning;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>A policy whose plans the test gives out.</summary>
internal sealed class Scripted(Func<PlanningProblem, Plan> plan) : IPlanningPolicy
{
    public string Name => "scripted";

    public TimeSpan History { get; init; }

    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default) => plan(problem);
}
