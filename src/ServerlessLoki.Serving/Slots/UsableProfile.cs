using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Profile for plans while some variants are unusable.</summary>
internal static class UsableProfile
{
    /// <summary>Returns the profile without these variants. A task keeps them where it has no others, so that the plan's fault names the
    /// cause.</summary>
    /// <param name="profile">Whole profile.</param>
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
