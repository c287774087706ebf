using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ServerlessLoki.Planning.Policies.Unified;

namespace ServerlessLoki.Planning;

/// <summary>State that a policy passes on to its own next plan. Control loops carry and publish it without reading its content.</summary>
/// <remarks>The state travels with the plan: so policies keep no state of their own, and any process can go on from the last
/// plan.</remarks>
[JsonDerivedType(typeof(HeadroomState), "headroom")]
[JsonDerivedType(typeof(TunerSeed), "tuner")]
public abstract record PolicyState
{
    /// <summary>True where the policy tunes its plans by the pattern of arrivals, not only by their rate: it is called at each look, and
    /// decides itself when its plan changes.</summary>
    internal virtual bool IsTuned => false;

    /// <summary>Rows above the mean rate that the plan's head-room absorbs, [pipeline][task]; empty where the policy plans none.</summary>
    internal virtual ImmutableArray<ImmutableArray<double>> HeadroomRows => [];

    /// <summary>True where the policy found that the slots in force do not hold, whatever their load says.</summary>
    internal virtual bool RejectsPrevious => false;
}
