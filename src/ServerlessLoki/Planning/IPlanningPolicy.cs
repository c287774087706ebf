namespace ServerlessLoki.Planning;

/// <summary>Turns a problem into a plan. Pure: the same problem gives the same plan.</summary>
/// <remarks>To add a policy: write one sealed class in <c>Policies/</c> that implements this, give it a unique
/// <see cref="Name"/>, add it to <see cref="PlanningPolicies"/>, and add a test class that mirrors it.</remarks>
public interface IPlanningPolicy
{
    /// <summary>Unique name, as in <c>--policy NAME</c>.</summary>
    string Name { get; }

    /// <summary>True if it may answer with a less accurate variant. Where false, the host lets no query fall back to one either.</summary>
    bool ScalesAccuracy => true;

    /// <summary>How far back it wants to look at <see cref="PlanningProblem.Recent"/>; 0 = not at all, and nothing is kept.</summary>
    TimeSpan History => TimeSpan.Zero;

    /// <summary>Plans; never throws for overload, which is planned too (serve most, then most accurate).</summary>
    Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default);
}
