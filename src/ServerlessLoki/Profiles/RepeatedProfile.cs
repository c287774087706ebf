namespace ServerlessLoki.Profiles;

/// <summary>Combination of two measurements of the same variants on one machine.</summary>
public static class RepeatedProfile
{
    /// <summary>Ratio of two times up to which they count as equal.</summary>
    private const double Same = 1.3;

    /// <summary>Takes the faster time at each batch size: other work on the machine only adds time.</summary>
    public static LatencyProfile Least(LatencyProfile first, LatencyProfile second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new LatencyProfile(first.Rows.Concat(second.Rows).GroupBy(r => (r.Variant, r.Device, r.Batch)).Select(g => g.MinBy(r => r.P50Ms)));
    }

    /// <summary>Tests whether both measurements agree: no variant takes much longer for a single row in one of them.</summary>
    public static bool Agrees(LatencyProfile first, LatencyProfile second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        foreach (var (variant, device) in first.Rows.Select(r => (r.Variant, r.Device)).Distinct())
        {
            if (first.Find(variant, device) is { } a && second.Find(variant, device) is { } b && (a.LatencyUs(1) / b.LatencyUs(1)) is > Same or < 1 / Same)
                return false;
        }

        return true;
    }
}
