using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.InfAdapter;
using ServerlessLoki.Planning.Policies.Ipa;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads the constants of a policy itself. A policy that is not named here has none.</summary>
internal static class PolicyOptionsReader
{
    public static Func<ISolver, TimeProvider?, IPlanningPolicy> Read(JsonValue value, string policy)
    {
        switch (policy)
        {
            case PlanningPolicies.Ipa:
                var ipa = Ipa(value);
                return (_, _) => new IpaPolicy(ipa);
            case PlanningPolicies.InfAdapter:
                var infAdapter = InfAdapter(value);
                return (_, _) => new InfAdapterPolicy(infAdapter);
            case PlanningPolicies.Proteus:
                var proteus = Proteus(value);
                return (solver, clock) => new ProteusPolicy(solver, clock, proteus);
            default:
                value.IsObjectWith();
                return PolicySetup.Plain(policy).Create;
        }
    }

    private static IpaOptions Ipa(JsonValue value)
    {
        var defaults = new IpaOptions();
        return !value.IsObjectWith("accuracyWeight", "coreWeight", "batchWeight", "score", "maxReplicas") ? defaults : defaults with
        {
            AccuracyWeight = Weight(value, "accuracyWeight") ?? defaults.AccuracyWeight,
            CoreWeight = Weight(value, "coreWeight") ?? defaults.CoreWeight,
            BatchWeight = Weight(value, "batchWeight") ?? defaults.BatchWeight,
            Score = value.TryOptional("score", out var s) && s.OneOf("product", "rank-sum") == "rank-sum" ? AccuracyScore.RankSum : defaults.Score,
            MaxReplicas = (int?)(value.TryOptional("maxReplicas", out var m) ? m.Integer(1, 1_000_000) : null) ?? defaults.MaxReplicas,
        };
    }

    private static InfAdapterOptions InfAdapter(JsonValue value)
    {
        var defaults = new InfAdapterOptions();
        return !value.IsObjectWith("resourceWeight", "loadingWeight", "singleVariant", "artifactRestriction") ? defaults : defaults with
        {
            ResourceWeight = Weight(value, "resourceWeight") ?? defaults.ResourceWeight,
            LoadingWeight = Weight(value, "loadingWeight") ?? defaults.LoadingWeight,
            SingleVariant = (value.TryOptional("singleVariant", out var s) ? s.Flag() : null) ?? defaults.SingleVariant,
            ArtifactRestriction = (value.TryOptional("artifactRestriction", out var a) ? a.Flag() : null) ?? defaults.ArtifactRestriction,
        };
    }

    private static ProteusOptions Proteus(JsonValue value)
    {
        var defaults = new ProteusOptions();
        return !value.IsObjectWith("headroom", "wholeQps") ? defaults : defaults with
        {
            Headroom = (value.TryOptional("headroom", out var h) ? h.Number(1, 100) : null) ?? defaults.Headroom,
            WholeQps = (value.TryOptional("wholeQps", out var w) ? w.Flag() : null) ?? defaults.WholeQps,
        };
    }

    private static double? Weight(JsonValue value, string key) => value.TryOptional(key, out var item) ? item.Number(0, 1e9) : null;
}
