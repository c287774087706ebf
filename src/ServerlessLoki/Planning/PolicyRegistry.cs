using System.Collections.Immutable;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning;

/// <summary>The policies that options, command lines and scenario files can name. Immutable and thread-safe.</summary>
public sealed class PolicyRegistry
{
    private readonly ImmutableSortedDictionary<string, PolicyEntry> _byName;

    /// <summary>Takes policies; see <see cref="IPlanningPolicy"/> for how to write one.</summary>
    /// <exception cref="ArgumentException">A name is blank, or two policies have the same.</exception>
    public PolicyRegistry(IEnumerable<PolicyEntry> policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        var byName = ImmutableSortedDictionary.CreateBuilder<string, PolicyEntry>(StringComparer.Ordinal);
        foreach (var policy in policies)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(policy.Name, nameof(policies));
            if (!byName.TryAdd(policy.Name, policy))
                throw new ArgumentException($"Two policies are named \"{policy.Name}\": give one of them another name.", nameof(policies));
        }

        _byName = byName.ToImmutable();
        Names = [.. _byName.Keys];
    }

    /// <summary>The built-in policies, see <see cref="PlanningPolicies"/>.</summary>
    public static PolicyRegistry Default { get; } = new(PlanningPolicies.BuiltIn);

    /// <summary>Names, sorted.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The policies in order of their names.</summary>
    public IEnumerable<PolicyEntry> Entries => _byName.Values;

    /// <summary>These policies and more.</summary>
    /// <exception cref="ArgumentException">A name is blank or taken.</exception>
    public PolicyRegistry With(params IEnumerable<PolicyEntry> policies) => new(Entries.Concat(policies));

    /// <summary>Makes a policy.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="solver">Solves its programs.</param>
    /// <param name="clock">Measures <see cref="PlanningOptions.TimeLimit"/>; null = plans are limited by nodes only, and repeatable.</param>
    /// <exception cref="ArgumentException">There is no such policy, and the message lists those there are; or it goes by another name itself.</exception>
    public IPlanningPolicy Create(string name, ISolver solver, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(solver);
        if (!_byName.TryGetValue(name, out var entry))
            throw new ArgumentException($"There is no policy \"{name}\"; known: {Validation.Names.Allowed(name, Names)}", nameof(name));
        var policy = entry.Make(solver, clock);
        return policy.Name == name ? policy
            : throw new ArgumentException($"The policy registered as \"{name}\" has the name \"{policy.Name}\": both must be the same.", nameof(name));
    }
}
