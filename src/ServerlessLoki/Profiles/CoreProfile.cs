using System.Collections.Immutable;

namespace ServerlessLoki.Profiles;

/// <summary>Profile of replicas with more than one core, for systems that scale cores; one slot of the device is one core.</summary>
public sealed record CoreProfile
{
    /// <summary>Rows per second that one replica of a variant answers within its objective, by its cores: index n is n cores, index 0 is 0
    /// (c(n) of InfAdapter's fitted capacity). A variant that is not listed is as fast as the same number of single slots.</summary>
    public ImmutableDictionary<string, ImmutableArray<double>> CapacityQps { get; init; } = ImmutableDictionary<string, ImmutableArray<double>>.Empty;

    /// <summary>Least cores of a replica whose cores are chosen; at least 1 (InfAdapter, limits). Default 1.</summary>
    public int MinCores { get; init; } = 1;

    /// <summary>Fixed cores of every replica, by variant; at least 1 (IPA's base allocation). A variant that is not listed takes one
    /// slot.</summary>
    public ImmutableDictionary<string, int> CoresPerReplica { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Time to load a variant (InfAdapter, variants); variants that are not listed all count alike.</summary>
    public ImmutableDictionary<string, TimeSpan> LoadTime { get; init; } = ImmutableDictionary<string, TimeSpan>.Empty;
}
