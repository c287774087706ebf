using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Settings of <see cref="RimPolicy"/>.</summary>
public sealed record RimOptions
{
    /// <summary>Replicas by task name, each at least 1 (the pinned values of IPA's baselines). A task that is not named gets an equal
    /// share of the slots, in whole replicas of its largest variant.</summary>
    public ImmutableDictionary<string, int> Replicas { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Weights of the program; the same as IPA's in a fair comparison (IPA, weights of its artifact).</summary>
    public IpaOptions Objective { get; init; } = new();
}
