using System.Collections.Immutable;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Traffic of clients only: no arrival is known before the simulation runs.</summary>
internal sealed class ClientArrivals : IArrivals
{
    public ClientArrivals(ClientGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentOutOfRangeException.ThrowIfZero(group.Phases.Length, nameof(group));
        ArgumentOutOfRangeException.ThrowIfNegative(group.ThinkUs, nameof(group));
        ArgumentOutOfRangeException.ThrowIfNegative(group.RetryUs ?? 0, nameof(group));
        ArgumentOutOfRangeException.ThrowIfNegative(group.Pipeline, nameof(group));
        foreach (var (count, length) in group.Phases)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(group));
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, TimeSpan.Zero, nameof(group));
        }

        Clients = [group];
    }

    public ImmutableArray<ClientGroup> Clients { get; }

    public long? DurationUs => Clients[0].DurationUs;

    public ArrivalStream Open(ulong seed) => new None();

    private sealed class None : ArrivalStream
    {
        public override bool TryNext(out Arrival arrival)
        {
            arrival = default;
            return false;
        }
    }
}
