using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Control;

/// <summary>What a control loop saw when it looked.</summary>
/// <param name="Problem">Demand, fan-out, devices and latencies as measured now.</param>
public sealed record PlanObservation(PlanningProblem Problem)
{
    /// <summary>Arrivals seen lately; called only when the policy is asked. Null = none are kept.</summary>
    public Func<ArrivalWindow?>? Recent { get; init; }

    /// <summary>A plan that a person pinned; null = the policy plans.</summary>
    public Plan? Forced { get; init; }

    /// <summary>The plan in force must not stay, whatever it is worth: somebody asked for another policy, or it lost a variant.</summary>
    public bool MustReplace { get; init; }

    /// <summary>The policy is not told of the plan in force: it was made for another cluster, or the question is another.</summary>
    public bool IgnoresPrevious { get; init; }
}
