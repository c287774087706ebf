using ServerlessLoki.Profiles;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>Container app that provides the slots of one device type.</summary>
public sealed record ContainerAppOptions
{
    /// <summary>Device type, as in profiles.</summary>
    public required string Device { get; init; }

    /// <summary>Resource id: <c>/subscriptions/…/resourceGroups/…/providers/Microsoft.App/containerApps/NAME</c>.</summary>
    public required string AppId { get; init; }

    /// <summary>Fewest replicas that the planner may ask for; at least 0.</summary>
    public required int MinReplicas { get; init; }

    /// <summary>Most replicas that the planner may ask for; the platform's own scaling stays below it as well. 1 to 1,000
    /// (https://learn.microsoft.com/azure/container-apps/scale-app).</summary>
    public required int MaxReplicas { get; init; }

    /// <summary>Slots of one replica; at least 1.</summary>
    public required int SlotsPerReplica { get; init; }

    /// <summary>Share of the profiled device that one slot gets, above 0 up to 1: 0.25 where four slots share a GPU. Default 1.</summary>
    public double SlotShare { get; init; } = 1;

    /// <summary>Price of one replica, any currency; at least 0.</summary>
    public double PricePerHour { get; init; }

    /// <summary>Returns the slots of a number of replicas.</summary>
    public DeviceType SlotsOf(int replicas) => new(Device, replicas * SlotsPerReplica, SlotShare, PricePerHour / Math.Max(1, SlotsPerReplica));

    /// <summary>Lists all faults of the options, each with the path of the setting, the value found and the values allowed.</summary>
    /// <param name="path">Path of this app in the settings, for example <c>Loki__Fleet__0</c>.</param>
    /// <param name="isLocal">True for workers that are not container apps and are started by the user.</param>
    public IEnumerable<string> Faults(string path, bool isLocal = false)
    {
        if (string.IsNullOrWhiteSpace(Device))
            yield return $"{path}__Device: found nothing; allowed is a device type of the profiles, for example cpu.";
        if (!isLocal && !ContainerAppId.IsValid(AppId))
            yield return $"{path}__AppId: found '{AppId}'; allowed is the resource id of a container app, /subscriptions/…/resourceGroups/…/providers/Microsoft.App/containerApps/NAME.";
        if (MaxReplicas is < 1 or > 1000)
            yield return $"{path}__MaxReplicas: found {MaxReplicas}; allowed are 1 to 1000.";
        if (MinReplicas < 0 || MinReplicas > MaxReplicas)
            yield return $"{path}__MinReplicas: found {MinReplicas}; allowed are 0 to MaxReplicas ({MaxReplicas}).";
        if (SlotsPerReplica < 1)
            yield return $"{path}__SlotsPerReplica: found {SlotsPerReplica}; allowed is 1 or more.";
        if (!(SlotShare is > 0 and <= 1))
            yield return $"{path}__SlotShare: found {SlotShare}; allowed is above 0 up to 1.";
        if (!(PricePerHour >= 0) || double.IsInfinity(PricePerHour))
            yield return $"{path}__PricePerHour: found {PricePerHour}; allowed is 0 or more.";
    }
}
