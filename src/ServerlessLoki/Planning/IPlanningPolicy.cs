namespace ServerlessLoki.Planning;

/// <summary>Turns a problem into a plan. Pure: the same problem gives the same plan.</summary>
/// <remarks>To add a policy of your own: write one sealed class that implements this, give it a unique <see cref="Name"/>, and register it with a
/// <see cref="PolicyEntry"/> where policies are named: in the options of the host, or of the scenario reader. To add one to this project, put the
/// class in <c>Policies/</c>, its entry in <see cref="PlanningPolicies"/>, and add a test class that mirrors it.</remarks>
public interface IPlanningPolicy
{
    /// <summary>Unique name, as in <c>--policy NAME</c>.</summary>
    string Name { get; }

    /// <summary>True if the policy may answer with a less accurate variant. Where false, the host does not let queries fall back to one
    /// either.</summary>
    bool ScalesAccuracy => true;

    /// <summary>Length of the history in <see cref="PlanningProblem.Recent"/> that the policy needs; 0 = none, and no arrivals are
    /// kept.</summary>
    TimeSpan History => TimeSpan.Zero;

    /// <summary>Makes a plan. Overload does not throw; it is planned as well (serve most, then most accurate).</summary>
    Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default);
}
