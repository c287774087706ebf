using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Infaas;
using ServerlessLoki.Planning.Policies.InfAdapter;
using ServerlessLoki.Planning.Policies.InferLine;
using ServerlessLoki.Planning.Policies.Ipa;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Planning.Policies.SlackFit;
using ServerlessLoki.Planning.Policies.Vpa;
using ServerlessLoki.Solver;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reader of the constants of policies. A policy that is not named here has none.</summary>
internal static class PolicyOptionsReader
{
    private static readonly string[] IpaKeys = ["accuracyWeight", "coreWeight", "batchWeight", "score", "maxReplicas"];

    public static Func<ISolver, TimeProvider?, IPlanningPolicy> Read(JsonValue value, string policy, PolicyRegistry known)
    {
        switch (policy)
        {
            case PlanningPolicies.Unified:
                var unified = UnifiedOptionsReader.Read(value);
                return (solver, clock) => new UnifiedPolicy(solver, clock, unified);
            case PlanningPolicies.Ipa:
                var ipa = Ipa(value);
                return (_, _) => new IpaPolicy(ipa);
            case PlanningPolicies.Fa2Low:
                var low = Fa2(value);
                return (_, _) => Fa2Policy.Low(low);
            case PlanningPolicies.Fa2High:
                var high = Fa2(value);
                return (_, _) => Fa2Policy.High(high);
            case PlanningPolicies.Rim:
                var rim = new RimOptions { Objective = Ipa(value, "replicas"), Replicas = Map(value, "replicas", v => (int?)v.Integer(1, 1_000_000) ?? 1) };
                return (_, _) => new RimPolicy(rim);
            case PlanningPolicies.InfAdapter:
                var infAdapter = InfAdapter(value, "resourceWeight", "loadingWeight", "singleVariant", "artifactRestriction");
                return (_, _) => new InfAdapterPolicy(infAdapter);
            case PlanningPolicies.ModelSwitching:
                var switching = InfAdapter(value, "resourceWeight", "loadingWeight");
                return (_, _) => new ModelSwitchingPolicy(switching);
            case PlanningPolicies.Vpa:
                var vpa = Vpa(value);
                return (_, _) => new VpaPolicy(vpa);
            case PlanningPolicies.Proteus:
                var proteus = Proteus(value, new ProteusOptions());
                return (solver, clock) => new ProteusPolicy(solver, clock, proteus);
            case PlanningPolicies.Sommelier:
                var sommelier = Proteus(value, new ProteusOptions { Headroom = 1.5 });
                return (solver, clock) => new SommelierPolicy(solver, clock, sommelier);
            case PlanningPolicies.Infaas:
                var infaas = Infaas(value);
                return (_, _) => new InfaasPolicy(infaas);
            case PlanningPolicies.SlackFit:
                var buckets = value.IsObjectWith("buckets") ? Count(value, "buckets", 1) : null;
                return (_, _) => SlackFitPolicy.SlackFit(new SlackFitOptions { Buckets = buckets ?? new SlackFitOptions().Buckets });
            case PlanningPolicies.InferLine:
                var inferLine = InferLine(value, new InferLineOptions());
                return (_, _) => new InferLinePolicy(inferLine);
            case PlanningPolicies.InferLineRelative:
                var relative = InferLine(value, InferLinePolicy.RelativeOptions);
                return (_, _) => new InferLinePolicy(relative);
            default:
                value.IsObjectWith();
                return PolicySetup.Plain(policy, known).Create;
        }
    }

    private static IpaOptions Ipa(JsonValue value, params string[] more)
    {
        var defaults = new IpaOptions();
        return !value.IsObjectWith([.. IpaKeys, .. more]) ? defaults : defaults with
        {
            AccuracyWeight = Weight(value, "accuracyWeight") ?? defaults.AccuracyWeight,
            CoreWeight = Weight(value, "coreWeight") ?? defaults.CoreWeight,
            BatchWeight = Weight(value, "batchWeight") ?? defaults.BatchWeight,
            Score = value.TryOptional("score", out var s) && s.OneOf("product", "rank-sum") == "rank-sum" ? AccuracyScore.RankSum : defaults.Score,
            MaxReplicas = Count(value, "maxReplicas", 1) ?? defaults.MaxReplicas,
        };
    }

    private static Fa2Options Fa2(JsonValue value) => new() { Objective = Ipa(value, "variants"), Variants = Variants(value) };

    private static InfAdapterOptions InfAdapter(JsonValue value, params string[] keys)
    {
        var defaults = new InfAdapterOptions();
        return !value.IsObjectWith(keys) ? defaults : defaults with
        {
            ResourceWeight = Weight(value, "resourceWeight") ?? defaults.ResourceWeight,
            LoadingWeight = Weight(value, "loadingWeight") ?? defaults.LoadingWeight,
            SingleVariant = (value.TryOptional("singleVariant", out var s) ? s.Flag() : null) ?? defaults.SingleVariant,
            ArtifactRestriction = (value.TryOptional("artifactRestriction", out var a) ? a.Flag() : null) ?? defaults.ArtifactRestriction,
        };
    }

    private static VpaOptions Vpa(JsonValue value)
    {
        var defaults = new VpaOptions();
        return !value.IsObjectWith("variants", "qpsPerCore", "percentile", "margin", "windowSeconds", "intervalSeconds", "shrinkAfter") ? defaults : defaults with
        {
            Variants = Variants(value),
            QpsPerCore = Map(value, "qpsPerCore", v => v.Number(1e-6, 1e9) ?? 1),
            Percentile = Number(value, "percentile", 0.001, 1) ?? defaults.Percentile,
            Margin = Number(value, "margin", 1, 100) ?? defaults.Margin,
            Window = Seconds(value, "windowSeconds", 60, 86_400) ?? defaults.Window,
            Interval = Seconds(value, "intervalSeconds", 0.001, 86_400) ?? defaults.Interval,
            ShrinkAfter = Count(value, "shrinkAfter", 0) ?? defaults.ShrinkAfter,
        };
    }

    private static ProteusOptions Proteus(JsonValue value, ProteusOptions defaults) =>
        !value.IsObjectWith("headroom", "wholeQps") ? defaults : defaults with
        {
            Headroom = Number(value, "headroom", 1, 100) ?? defaults.Headroom,
            WholeQps = (value.TryOptional("wholeQps", out var w) ? w.Flag() : null) ?? defaults.WholeQps,
        };

    private static InfaasOptions Infaas(JsonValue value)
    {
        var defaults = new InfaasOptions();
        if (!value.IsObjectWith("slack", "downscaleSlack"))
            return defaults;
        var options = defaults with
        {
            Slack = Number(value, "slack", 0.001, 1) ?? defaults.Slack,
            DownscaleSlack = Number(value, "downscaleSlack", 0, 1) ?? defaults.DownscaleSlack,
        };
        if (options.DownscaleSlack < options.Slack)
            return options;
        value.Fault("downscaleSlack is not below slack", $"{options.DownscaleSlack} and {options.Slack}", "downscaleSlack below slack");
        return defaults;
    }

    private static InferLineOptions InferLine(JsonValue value, InferLineOptions defaults) =>
        !value.IsObjectWith("tolerance", "stepLimit", "stableSeconds", "plannerPeriodSeconds", "sampleQueries", "exactSettings", "hopMs", "variants") ? defaults : defaults with
        {
            Tolerance = Number(value, "tolerance", 0.001, 1000) ?? defaults.Tolerance,
            StepLimit = Number(value, "stepLimit", 1.001, 1000) ?? defaults.StepLimit,
            StableTime = Seconds(value, "stableSeconds", 0, 86_400) ?? defaults.StableTime,
            PlannerPeriod = Seconds(value, "plannerPeriodSeconds", 1, 1e7) ?? defaults.PlannerPeriod,
            SampleQueries = Count(value, "sampleQueries", 1) ?? defaults.SampleQueries,
            ExactSettings = Count(value, "exactSettings", 0) ?? defaults.ExactSettings,
            HopLatency = Number(value, "hopMs", 0, 1e6) is { } ms ? TimeSpan.FromMilliseconds(ms) : defaults.HopLatency,
            Variants = Variants(value),
        };

    private static ImmutableDictionary<string, string> Variants(JsonValue value) => Map(value, "variants", v => v.Text("name of a variant") ?? "");

    private static ImmutableDictionary<string, T> Map<T>(JsonValue value, string key, Func<JsonValue, T> read)
    {
        if (!value.TryOptional(key, out var map))
            return ImmutableDictionary<string, T>.Empty;
        if (!map.IsObject)
            map.IsObjectWith();
        return map.Properties().DistinctBy(p => p.Key, StringComparer.Ordinal).ToImmutableDictionary(p => p.Key, p => read(p.Value), StringComparer.Ordinal);
    }

    private static double? Weight(JsonValue value, string key) => Number(value, key, 0, 1e9);

    private static double? Number(JsonValue value, string key, double least, double most) => value.TryOptional(key, out var item) ? item.Number(least, most) : null;

    private static int? Count(JsonValue value, string key, int least) => (int?)(value.TryOptional(key, out var item) ? item.Integer(least, 1_000_000) : null);

    private static TimeSpan? Seconds(JsonValue value, string key, double least, double most) =>
        Number(value, key, least, most) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
