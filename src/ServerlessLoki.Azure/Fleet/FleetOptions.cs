using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>Container apps of the fleet, and the timing of their scaling.</summary>
/// <remarks>
/// The platform makes a new revision of an app whenever its replica bounds change (https://learn.microsoft.com/azure/container-apps/revisions), and a new replica takes tens of seconds to
/// start. So seconds are for variants to switch; replicas follow demand that stays.
/// </remarks>
public sealed record FleetOptions
{
    /// <summary>Container apps, one per device type.</summary>
    public required ImmutableArray<ContainerAppOptions> Apps { get; init; }

    /// <summary>Shortest time between two raises of an app; at least 0.</summary>
    public TimeSpan RaiseEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time without a higher request after which an app is lowered; at least 0.</summary>
    public TimeSpan LowerAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time that the last reading of the platform's replicas stays valid; at least 0.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait after a change that failed; at least 0.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit of a call with all its tries; above 0.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Address of Azure Resource Manager in the cloud that is used.</summary>
    public Uri Endpoint { get; init; } = new("https://management.azure.com");

    /// <summary>Lists all faults of the options, each with its setting, the value found and the values allowed.</summary>
    /// <param name="areLocal">True for workers that are not container apps and are started by the user.</param>
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
