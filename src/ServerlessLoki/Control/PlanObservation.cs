using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Control;

/// <summary>Observation of a control loop at one look.</summary>
/// <param name="Problem">Demand, fan-out, devices and latencies as measured now.</param>
public sealed record PlanObservation(PlanningProblem Problem)
{
    /// <summary>Arrivals seen lately; called only when the policy is asked. Null = none are kept.</summary>
    public Func<ArrivalWindow?>? Recent { get; init; }

    /// <summary>Plan that an operator pinned; null = the policy plans.</summary>
    public Plan? Forced { get; init; }

    /// <summary>True if the plan in force must not stay, whatever it is worth: another policy was requested, or the plan lost a
    /// variant.</summary>
    public bool MustReplace { get; init; }

    /// <summary>True if the policy does not see the plan in force: that was made for another cluster or another question.</summary>
    public bool IgnoresPrevious { get; init; }
}
