using ServerlessLoki.Planning;
using ServerlessLoki.Simulation;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reader of policies with their own options.</summary>
internal static class PolicySetupReader
{
    public static List<PolicySetup> Read(JsonValue value, PlanningOptions planning, SimulationOptions simulation, ScenarioNames names)
    {
        var setups = new List<PolicySetup>();
        foreach (var item in value.Items("an array of policies"))
        {
            if (!item.IsObjectWith("label", "policy", "options", "planning", "simulation", "forecaster"))
                continue;
            var policy = item.TryRequired("policy", "a policy's name", out var p) ? p.OneOf(names.Policies.Names.AsSpan()) : null;
            var label = item.TryOptional("label", out var l) ? l.Text() : policy;
            if (label is not null && setups.Exists(s => s.Label == label))
                item.Fault("two policies have the same label", $"\"{label}\"", "unique labels");
            var options = item.TryOptional("planning", out var n) ? OptionsReader.Read(n, planning) : null;
            var rules = item.TryOptional("simulation", out var s) ? SimulationReader.Read(s, simulation) : null;
            var forecaster = item.TryOptional("forecaster", out var f) ? ForecasterReader.Read(f, names) : null;
            if (policy is null)
                continue;
            setups.Add(new PolicySetup
            {
                Label = label ?? policy,
                Policy = policy,
                Create = item.TryOptional("options", out var o) ? PolicyOptionsReader.Read(o, policy, names.Policies) : PolicySetup.Plain(policy, names.Policies).Create,
                Options = options,
                Simulation = rules,
                Forecaster = forecaster,
            });
        }

        return setups;
    }
}
