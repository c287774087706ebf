using System.Collections.Frozen;
using System.Collections.Immutable;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Planning;

/// <summary>All policies by name.</summary>
public static class PlanningPolicies
{
    /// <summary>Name of <see cref="LokiPolicy"/>.</summary>
    public const string Loki = "loki";

    /// <summary>Name of <see cref="HardwareOnlyPolicy"/>.</summary>
    public const string HardwareOnly = "hardware-only";

    /// <summary>Name of <see cref="ProteusPolicy"/>.</summary>
    public const string Proteus = "proteus";

    /// <summary>Name of <see cref="InfAdapterPolicy"/>.</summary>
    public const string InfAdapter = "infadapter";

    /// <summary>Name of <see cref="IpaPolicy"/>.</summary>
    public const string Ipa = "ipa";

    private static readonly FrozenDictionary<string, Func<ISolver, TimeProvider?, IPlanningPolicy>> Factories =
        new Dictionary<string, Func<ISolver, TimeProvider?, IPlanningPolicy>>(StringComparer.Ordinal)
        {
            [Loki] = (solver, clock) => new LokiPolicy(solver, clock),
            [Proteus] = (solver, clock) => new ProteusPolicy(solver, clock),
            [InfAdapter] = (_, _) => new InfAdapterPolicy(),
            [Ipa] = (_, _) => new IpaPolicy(),
            [HardwareOnly] = (solver, clock) => new HardwareOnlyPolicy(solver, clock),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The policy that is taken when none is named.</summary>
    public static string Default => Loki;

    /// <summary>Known names, sorted.</summary>
    public static ImmutableArray<string> KnownNames { get; } = [.. Factories.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Makes a policy.</summary>
    /// <param name="name">One of <see cref="KnownNames"/>.</param>
    /// <param name="solver">Solves its programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = plans are limited by nodes only, and repeatable.</param>
    /// <exception cref="ArgumentException">There is no such policy; the message lists those there are.</exception>
    public static IPlanningPolicy Create(string name, ISolver solver, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(solver);
        return Factories.TryGetValue(name, out var create)
            ? create(solver, clock)
            : throw new ArgumentException($"There is no policy \"{name}\"; known: {Names.Allowed(name, KnownNames)}", nameof(name));
    }
}
