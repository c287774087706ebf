using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Simulation;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Scenario of a file: pipelines, cluster and traffic, on which policies are planned, simulated and compared.</summary>
public sealed record Scenario
{
    /// <summary>Name for headings.</summary>
    public required string Name { get; init; }

    /// <summary>Planning problem; its demand is that of a simulation's first plan.</summary>
    public required PlanningProblem Problem { get; init; }

    /// <summary>True = the file states no demand, so that of the traffic's first seconds is planned.</summary>
    public bool IsDemandOfTraffic { get; init; }

    /// <summary>Policy that the file names; null = none.</summary>
    public string? Policy { get; init; }

    /// <summary>Policies with their own options, by label.</summary>
    public ImmutableArray<PolicySetup> Policies { get; init; } = [];

    /// <summary>Policies by their own names. Default: the built-in ones.</summary>
    public PolicyRegistry KnownPolicies { get; init; } = PolicyRegistry.Default;

    /// <summary>Names by which policies can be requested: labels, then names.</summary>
    public IEnumerable<string> PolicyNames => Policies.Select(p => p.Label).Concat(KnownPolicies.Names).Distinct(StringComparer.Ordinal);

    /// <summary>Traffic to choose from; the first is used unless another is named. Empty = planning only.</summary>
    public ImmutableArray<ScenarioTrace> Traces { get; init; } = [];

    /// <summary>Real mean of child queries per query, by pipeline; empty = as in <see cref="Problem"/>.</summary>
    public ImmutableArray<FanOut> TrueFanOut { get; init; } = [];

    /// <summary>Behaviour of the cluster; its seed is replaced by each of <see cref="Seeds"/>.</summary>
    public SimulationOptions Simulation { get; init; } = new();

    /// <summary>Slots that fail and recover.</summary>
    public ImmutableArray<SlotFailure> Failures { get; init; } = [];

    /// <summary>Makes one demand forecaster per pipeline; null = the embedded host's.</summary>
    public Func<IDemandForecaster>? Forecaster { get; init; }

    /// <summary>Seeds of a comparison's repetitions; at least one. Default 1 to 5.</summary>
    public ImmutableArray<ulong> Seeds { get; init; } = [1, 2, 3, 4, 5];

    /// <summary>Finds a policy by the scenario's own label, else by its name with the scenario's options.</summary>
    /// <exception cref="ArgumentException">There is neither.</exception>
    public PolicySetup Setup(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Policies.FirstOrDefault(p => p.Label == name)
            ?? (KnownPolicies.Names.Contains(name, StringComparer.Ordinal) ? PolicySetup.Plain(name, KnownPolicies) : throw new ArgumentException(
                $"There is no policy \"{name}\"; known: {Names.Allowed(name, PolicyNames)}", nameof(name)));
    }

    /// <summary>Finds traffic by name; null = the first.</summary>
    /// <exception cref="ArgumentException">There is none of that name, or none at all.</exception>
    public ScenarioTrace Trace(string? name = null) => Traces.FirstOrDefault(t => name is null || t.Name == name)
        ?? throw new ArgumentException(
            Traces.IsEmpty ? "The scenario has no traffic; add \"traffic\" to it."
                : $"There is no traffic \"{name}\"; known: {Names.Allowed(name!, Traces.Select(t => t.Name))}", nameof(name));
}
