using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Settings of <see cref="Fa2Policy"/>.</summary>
public sealed record Fa2Options
{
    /// <summary>Pinned variant by task name, in place of the policy's own choice (the pinned values of IPA's baselines). Default
    /// none.</summary>
    public ImmutableDictionary<string, string> Variants { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Weights of the program; the same as IPA's in a fair comparison (IPA, weights of its artifact).</summary>
    public IpaOptions Objective { get; init; } = new();
}
