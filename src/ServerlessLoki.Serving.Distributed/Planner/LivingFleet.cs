using System.Collections.Immutable;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>Fleet of the workers that people start: its device types and slots are those of the workers that are registered.</summary>
/// <param name="state">Store of registrations and reports.</param>
/// <param name="time">Clock.</param>
public sealed class LivingFleet(IStateStore state, TimeProvider time) : IFleet
{
    private static readonly TimeSpan ReportAge = TimeSpan.FromSeconds(30);
    private ImmutableSortedDictionary<string, DeviceType> _known = ImmutableSortedDictionary.Create<string, DeviceType>(StringComparer.Ordinal);

    /// <inheritdoc />
    /// <remarks>A device type whose last worker left stays with no slots: its workers may come back, and a plan goes on from the one
    /// before.</remarks>
    public ImmutableArray<DeviceType> Devices => [.. _known.Values];

    /// <summary>Reads which workers are there.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var reports = await state.SamplesAsync(WorkerReport.Series, now - ReportAge, cancellationToken);
        var slots = LivingSlots.Of(await state.LeasesAsync(WorkerReport.LeasePrefix, now, cancellationToken), reports);
        var known = _known.ToBuilder();
        foreach (var device in reports.Select(r => StateJson.Read<WorkerReport>(r.Json)).OfType<WorkerReport>().GroupBy(r => r.Device, StringComparer.Ordinal))
        {
            // Of unlike workers of one type, the slowest counts: what is planned is kept.
            known[device.Key] = new DeviceType(device.Key, 0, device.Min(r => r.SlotShare));
        }

        foreach (var (name, device) in known.ToList())
            known[name] = device with { Slots = slots.GetValueOrDefault(name) };
        _known = known.ToImmutable();
    }

    /// <inheritdoc />
    /// <remarks>False: people start workers.</remarks>
    public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}
