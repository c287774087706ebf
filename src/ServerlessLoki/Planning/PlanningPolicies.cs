using System.Collections.Immutable;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.CoarseGrained;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning;

/// <summary>The built-in policies.</summary>
/// <remarks>To add one to this project: a name constant and an entry below, both in order of the names. A policy of your own project goes into
/// a <see cref="PolicyRegistry"/>; see <see cref="IPlanningPolicy"/>.</remarks>
public static class PlanningPolicies
{
    /// <summary>Name of <see cref="CoarseGrainedPolicy"/> with AutoScale.</summary>
    public const string AutoScale = "autoscale";

    /// <summary>Name of <see cref="CoarseGrainedPolicy"/> for the mean rate.</summary>
    public const string CoarseMean = "cg-mean";

    /// <summary>Name of <see cref="CoarseGrainedPolicy"/> for the peak rate.</summary>
    public const string CoarsePeak = "cg-peak";

    /// <summary>Name of <see cref="ClipperPolicy"/> with the most accurate variants.</summary>
    public const string ClipperHa = "clipper-ha";

    /// <summary>Name of <see cref="ClipperPolicy"/> with the variants of the highest throughput.</summary>
    public const string ClipperHt = "clipper-ht";

    /// <summary>Name of <see cref="Fa2Policy"/> with the most accurate variants.</summary>
    public const string Fa2High = "fa2-high";

    /// <summary>Name of <see cref="Fa2Policy"/> with the least accurate variants.</summary>
    public const string Fa2Low = "fa2-low";

    /// <summary>Name of <see cref="HardwareOnlyPolicy"/>.</summary>
    public const string HardwareOnly = "hardware-only";

    /// <summary>Name of <see cref="InfaasPolicy"/>.</summary>
    public const string Infaas = "infaas";

    /// <summary>Name of <see cref="InfAdapterPolicy"/>.</summary>
    public const string InfAdapter = "infadapter";

    /// <summary>Name of <see cref="InferLinePolicy"/>.</summary>
    public const string InferLine = "inferline";

    /// <summary>Name of <see cref="InferLinePolicy"/> in its relative mode.</summary>
    public const string InferLineRelative = "inferline-relative";

    /// <summary>Name of <see cref="IpaPolicy"/>.</summary>
    public const string Ipa = "ipa";

    /// <summary>Name of <see cref="LokiPolicy"/>.</summary>
    public const string Loki = "loki";

    /// <summary>Name of <see cref="ModelSwitchingPolicy"/>.</summary>
    public const string ModelSwitching = "model-switching";

    /// <summary>Name of <see cref="ProteusPolicy"/>.</summary>
    public const string Proteus = "proteus";

    /// <summary>Name of <see cref="RimPolicy"/>.</summary>
    public const string Rim = "rim";

    /// <summary>Name of <see cref="SlackFitPolicy"/>.</summary>
    public const string SlackFit = "slackfit";

    /// <summary>Name of <see cref="SlackFitPolicy"/> with the most accurate variant that ends in time.</summary>
    public const string SlackFitMaxAccuracy = "slackfit-max-accuracy";

    /// <summary>Name of <see cref="SlackFitPolicy"/> with the largest batch that ends in time.</summary>
    public const string SlackFitMaxBatch = "slackfit-max-batch";

    /// <summary>Name of <see cref="SommelierPolicy"/>.</summary>
    public const string Sommelier = "sommelier";

    /// <summary>Name of <see cref="UnifiedPolicy"/>.</summary>
    public const string Unified = "unified";

    /// <summary>Name of <see cref="VpaPolicy"/>.</summary>
    public const string Vpa = "vpa";

    /// <summary>Policies that this project provides, in order of their names.</summary>
    public static ImmutableArray<PolicyEntry> BuiltIn { get; } =
    [
        new(AutoScale, "cg-mean whose copies follow the rate: up at once, down after two minutes without need", (_, _) => new CoarseGrainedPolicy(CoarseGrainedRule.AutoScale)),
        new(CoarseMean, "copies of the whole pipeline for the sample's mean rate (InferLine's baseline)", (_, _) => new CoarseGrainedPolicy(CoarseGrainedRule.Mean)),
        new(CoarsePeak, "copies of the whole pipeline for the sample's peak rate (InferLine's baseline)", (_, _) => new CoarseGrainedPolicy(CoarseGrainedRule.Peak)),
        new(ClipperHa, "static placement of each model's most accurate variant", (s, c) => ClipperPolicy.HighAccuracy(s, c)),
        new(ClipperHt, "static placement of each model's variant with the highest throughput", (s, c) => ClipperPolicy.HighThroughput(s, c)),
        new(Fa2High, "IPA's program with the most accurate variants pinned: replicas and batches only", (_, _) => Fa2Policy.High()),
        new(Fa2Low, "IPA's program with the least accurate variants pinned: replicas and batches only", (_, _) => Fa2Policy.Low()),
        new(HardwareOnly, "fewest slots for the most accurate variants, the rest shed (InferLine as Loki compares with it)", (s, c) => new HardwareOnlyPolicy(s, c)),
        new(Infaas, "heuristic: each model grows or switches variants where that costs the least accuracy", (_, _) => new InfaasPolicy()),
        new(InfAdapter, "a set of variants of one model with cores each: accuracy against cores against loading", (_, _) => new InfAdapterPolicy()),
        new(InferLine, "cheapest hardware, batch and replicas by replay, then replicas by the traffic's envelope", (_, _) => new InferLinePolicy()),
        new(InferLineRelative, "inferline that grows by the excess over the sample and plans anew on drift", (_, _) => new InferLinePolicy(InferLinePolicy.RelativeOptions)),
        new(Ipa, "one variant, batch and replica count per task: accuracy against cores", (_, _) => new IpaPolicy()),
        new(Loki, "fewest slots with the most accurate variants, beyond that the most accurate mix", (s, c) => new LokiPolicy(s, c)),
        new(ModelSwitching, "one active variant of one model with just enough cores (MS+ of InfAdapter)", (_, _) => new ModelSwitchingPolicy()),
        new(Proteus, "the most accurate mix of variants for independent models on unlike devices", (s, c) => new ProteusPolicy(s, c)),
        new(Rim, "IPA's program with the number of replicas fixed: variants give way to load", (_, _) => new RimPolicy()),
        new(SlackFit, "slots hold all variants; the slack of the most urgent query picks each batch's (SuperServe)", (_, _) => SlackFitPolicy.SlackFit()),
        new(SlackFitMaxAccuracy, "slackfit whose batches run the most accurate variant that ends in time (SuperServe's MaxAcc)", (_, _) => SlackFitPolicy.MaxAccuracy()),
        new(SlackFitMaxBatch, "slackfit whose batches are the largest that end in time (SuperServe's MaxBatch)", (_, _) => SlackFitPolicy.MaxBatch()),
        new(Sommelier, "variants change, hardware does not: each model keeps the slots of the start", (s, c) => new SommelierPolicy(s, c)),
        new(Unified, "serve most, then most accurate, then cheapest; head-room by rehearsal on the latest arrivals", (s, c) => new UnifiedPolicy(s, c)),
        new(Vpa, "one fixed variant of one model, cores after its CPU use (VPA+ of InfAdapter)", (_, _) => new VpaPolicy()),
    ];

    /// <summary>Policy that is used when none is named.</summary>
    public static string Default => Unified;

    /// <summary>Names of <see cref="BuiltIn"/>, sorted.</summary>
    public static ImmutableArray<string> KnownNames => PolicyRegistry.Default.Names;

    /// <summary>Makes a built-in policy, like <see cref="PolicyRegistry.Create"/>.</summary>
    /// <param name="name">One of <see cref="KnownNames"/>.</param>
    /// <param name="solver">Solves its programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = plans are limited by nodes only, and repeatable.</param>
    /// <exception cref="ArgumentException">There is no such policy; the message lists those there are.</exception>
    public static IPlanningPolicy Create(string name, ISolver solver, TimeProvider? clock = null) => PolicyRegistry.Default.Create(name, solver, clock);
}
