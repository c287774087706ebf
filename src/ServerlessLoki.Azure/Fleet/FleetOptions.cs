using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>The container apps of the fleet, and how eagerly they are scaled.</summary>
/// <remarks>
/// The platform makes a new revision of an app whenever its replica bounds change (https://learn.microsoft.com/azure/container-apps/revisions), and a new replica takes tens of seconds to
/// start. So seconds are for variants to switch; replicas follow demand that stays.
/// </remarks>
public sealed record FleetOptions
{
    /// <summary>One per device type.</summary>
    public required ImmutableArray<ContainerAppOptions> Apps { get; init; }

    /// <summary>Shortest time between two raises of an app; at least 0.</summary>
    public TimeSpan RaiseEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An app is lowered when nothing more was asked for in this time; at least 0.</summary>
    public TimeSpan LowerAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long what the platform said it keeps is believed; at least 0.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait after a change that failed; at least 0.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit of a call with all its tries; above 0.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Azure Resource Manager of the cloud at hand.</summary>
    public Uri Endpoint { get; init; } = new("https://management.azure.com");

    /// <summary>What is wrong with them, each with its setting, what was found and what is allowed.</summary>
    /// <param name="areLocal">True for workers that somebody else starts: they are no apps.</param>
    public IReadOnlyList<string> Faults(bool areLocal = false) =>
    [
        .. Apps.SelectMany((a, i) => a.Faults($"Loki__Fleet__{i}", areLocal)),
        .. Apps.GroupBy(a => a.Device, StringComparer.Ordinal).Where(g => g.Count() > 1)
            .Select(g => $"Loki__Fleet: found device '{g.Key}' {g.Count()} times; allowed is once."),
        .. Times(),
    ];

    private IEnumerable<string> Times()
    {
        var check = new OptionCheck();
        check.AtLeast(RaiseEvery, TimeSpan.Zero);
        check.AtLeast(LowerAfter, TimeSpan.Zero);
        check.AtLeast(ReadEvery, TimeSpan.Zero);
        check.AtLeast(RetryAfter, TimeSpan.Zero);
        check.Above(CallTimeout, TimeSpan.Zero);
        return check.Faults.Select(static f => f.ToString());
    }
}
