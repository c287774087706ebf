using System.Collections.Immutable;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>Fleet of container apps, one per device type. The planner sets the least number of replicas that the platform keeps; the
/// platform's own scaling (KEDA) may add replicas up to the most.</summary>
/// <remarks>A change that fails leaves the replicas as they are; <see cref="Status"/> and the log report it, and it is tried again
/// later.</remarks>
public sealed partial class ContainerAppsFleet : IFleet, IDisposable
{
    private readonly ImmutableArray<FleetApp> _apps;
    private readonly ILogger<ContainerAppsFleet> _logger;

    /// <summary>Makes the fleet over Azure Resource Manager.</summary>
    /// <param name="options">Apps and limits of scaling.</param>
    /// <param name="credential">Identity that may read and write the apps, for example by the role Container Apps Contributor.</param>
    /// <param name="logger">Logs changes and failures.</param>
    /// <param name="time">Clock; null for the system's.</param>
    /// <exception cref="ArgumentException">The options have faults; all are listed.</exception>
    public ContainerAppsFleet(FleetOptions options, TokenCredential credential, ILogger<ContainerAppsFleet> logger, TimeProvider? time = null)
        : this(options, credential, logger, time, transport: null)
    {
    }

    internal ContainerAppsFleet(
        FleetOptions options, TokenCredential credential, ILogger<ContainerAppsFleet> logger, TimeProvider? time, HttpPipelineTransport? transport)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(credential);
        if (options.Faults() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));
        _logger = logger;
        var arm = new ArmContainerApps(options.Endpoint, credential, options.CallTimeout, transport);
        _apps = [.. options.Apps.Select(a => new FleetApp(a, options, arm, time ?? TimeProvider.System))];
        Devices = [.. _apps.Select(a => a.Slots(a.Options.MaxReplicas))];
    }

    /// <summary>Largest possible slots of each device type: those of its most replicas. Leases tell which of them are alive.</summary>
    public ImmutableArray<DeviceType> Devices { get; }

    /// <summary>Slots of the replicas that the platform was last known to keep; before the platform was asked, those of
    /// <see cref="ContainerAppOptions.MinReplicas"/>.</summary>
    public ImmutableArray<DeviceType> Kept => [.. _apps.Select(a => a.Kept)];

    /// <summary>Status of the scaling of each device type.</summary>
    public ImmutableArray<FleetAppStatus> Status => [.. _apps.Select(a => a.Status)];

    /// <inheritdoc />
    ImmutableArray<FleetStatus> IFleet.Status => [.. _apps.Select(a => a.Status).Zip(_apps, static (status, app) => new FleetStatus(
        status.Device, status.Replicas * app.Options.SlotsPerReplica, status.Wanted * app.Options.SlotsPerReplica, status.Changed, status.Failure, status.FailedAt))];

    /// <inheritdoc />
    /// <returns>True if the platform accepted a change. False if none is due yet, none is needed, or the platform refused: see <see cref="Status"/>.</returns>
    /// <exception cref="ArgumentException">The fleet has no such device.</exception>
    public async ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        var app = _apps.FirstOrDefault(a => a.Options.Device == device)
            ?? throw new ArgumentException($"Found device '{device}'; this fleet has {string.Join(", ", _apps.Select(a => a.Options.Device))}.", nameof(device));
        try
        {
            if (!await app.ScaleAsync(slots, cancellationToken))
                return false;
            LogScaled(device, app.Status.Replicas!.Value, slots);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogScaleFailed(e, device, app.Status.Wanted!.Value);
            return false;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var app in _apps)
            app.Dispose();
    }

    [LoggerMessage(4200, LogLevel.Information, "{Device}: at least {Replicas} replicas asked for, for {Slots} slots")]
    private partial void LogScaled(string device, int replicas, int slots);

    [LoggerMessage(4201, LogLevel.Warning, "{Device}: {Replicas} replicas could not be asked for; the fleet stays as it is")]
    private partial void LogScaleFailed(Exception e, string device, int replicas);
}
