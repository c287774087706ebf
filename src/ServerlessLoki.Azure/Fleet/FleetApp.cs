using ServerlessLoki.Profiles;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>State of one device type's container app: its known replicas, the requested ones, and the change that is due.</summary>
internal sealed class FleetApp(ContainerAppOptions options, FleetOptions fleet, ArmContainerApps arm, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private DateTimeOffset _read;
    private readonly ScaleDebounce _debounce = new(fleet.RaiseEvery, fleet.LowerAfter);

    public ContainerAppOptions Options => options;

    public FleetAppStatus Status { get; private set; } = new(options.Device, null, null, null, null, null);

    public DeviceType Kept => Slots(Status.Replicas ?? options.MinReplicas);

    public DeviceType Slots(int replicas) => options.SlotsOf(replicas);

    /// <summary>Applies the change that is due. True if the platform accepted a change.</summary>
    public async Task<bool> ScaleAsync(int slots, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            var replicas = (int)Math.Clamp(((long)slots + options.SlotsPerReplica - 1) / options.SlotsPerReplica, options.MinReplicas, options.MaxReplicas);
            Status = Status with { Wanted = replicas };
            if (Status.FailedAt is { } failed && now - failed < fleet.RetryAfter)
                return false;
            // Others change it too: a deployment sets it back to what its settings say.
            var current = Status.Replicas is { } known && now - _read < fleet.ReadEvery ? known : (await ReadAsync(cancellationToken)).Min;
            if (_debounce.Decide(replicas, current, now) is not { } target)
                return false;
            // Asked again just before the change: somebody else may have changed it, or a change be under way.
            var bounds = await ReadAsync(cancellationToken);
            if (bounds.Busy || (bounds.Min == target && bounds.Max == options.MaxReplicas))
                return false;
            await arm.SetAsync(options.AppId, target, options.MaxReplicas, cancellationToken);
            _debounce.Changed(target > bounds.Min, now);
            Status = Status with { Replicas = target, Changed = now };
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Status = Status with { Failure = e.Message, FailedAt = time.GetUtcNow() };
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<ReplicaBounds> ReadAsync(CancellationToken cancellationToken)
    {
        var bounds = await arm.ReadAsync(options.AppId, cancellationToken);
        Status = Status with { Replicas = bounds.Min, Failure = null, FailedAt = null };
        _read = time.GetUtcNow();
        return bounds;
    }
}
