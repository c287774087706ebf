using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Simulation;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Scenarios;

/// <summary>Policy as a scenario runs it. Systems differ in more than their plans, so each may have its own cluster rules.</summary>
public sealed record PolicySetup
{
    /// <summary>Label that is unique in the scenario; heading of the policy's results.</summary>
    public required string Label { get; init; }

    /// <summary>Name of the policy, see <see cref="Scenario.KnownPolicies"/>.</summary>
    public required string Policy { get; init; }

    /// <summary>Makes the policy with its own options. The second argument measures time limits; null = only node limits hold.</summary>
    public required Func<ISolver, TimeProvider?, IPlanningPolicy> Create { get; init; }

    /// <summary>Planning options of this policy; null = the scenario's.</summary>
    public PlanningOptions? Options { get; init; }

    /// <summary>Simulation options of this policy, such as batching and dropping; null = the scenario's.</summary>
    public SimulationOptions? Simulation { get; init; }

    /// <summary>Makes the forecaster of this policy; null = the scenario's.</summary>
    public Func<IDemandForecaster>? Forecaster { get; init; }

    /// <summary>Makes the setup of a policy with its defaults, under its own name.</summary>
    /// <param name="policy">Name of the policy, one of <paramref name="known"/>.</param>
    /// <param name="known">Policies by name.</param>
    public static PolicySetup Plain(string policy, PolicyRegistry known) => new()
    {
        Label = policy,
        Policy = policy,
        Create = (solver, clock) => known.Create(policy, solver, clock),
    };
}
