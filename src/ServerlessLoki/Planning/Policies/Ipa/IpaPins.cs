namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Choices that a baseline fixes (IPA, baselines): equality constraints added to the same program.</summary>
/// <param name="Variants">[pipeline][task] variant index; null = free.</param>
/// <param name="Replicas">[pipeline][task] replicas; null = as many as the load needs.</param>
internal sealed record IpaPins(int?[][]? Variants = null, int?[][]? Replicas = null)
{
    /// <summary>No pins: IPA itself.</summary>
    public static IpaPins None { get; } = new();

    public int? Variant(int pipeline, int task) => Variants?[pipeline][task];

    public int? ReplicasOf(int pipeline, int task) => Replicas?[pipeline][task];
}
