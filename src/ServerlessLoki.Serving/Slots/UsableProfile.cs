using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Slots;

/// <summary>The profile that plans are made on while some variants are of no use.</summary>
internal static class UsableProfile
{
    /// <summary>The profile without these variants. A task keeps them where it has no others, so that the plan's fault says what is wrong.</summary>
    /// <param name="profile">All that is profiled.</param>
    /// <param name="unusable">Variant names.</param>
    /// <param name="pipelines">Pipelines of the host.</param>
    public static LatencyProfile Without(LatencyProfile profile, IReadOnlySet<string> unusable, IEnumerable<Pipeline> pipelines)
    {
        if (unusable.Count == 0)
            return profile;
        var known = profile.Rows.Select(r => r.Variant).ToHashSet(StringComparer.Ordinal);
        var leaving = unusable.ToHashSet(StringComparer.Ordinal);
        foreach (var task in pipelines.SelectMany(p => p.Tasks))
        {
            var names = task.Variants.Select(v => v.Name).ToList();
            if (!names.Exists(n => known.Contains(n) && !unusable.Contains(n)))
                leaving.ExceptWith(names);
        }

        return leaving.Count == 0 ? profile : new LatencyProfile(profile.Rows.Where(r => !leaving.Contains(r.Variant)));
    }
}
