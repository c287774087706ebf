namespace ServerlessLoki.Profiles;

/// <summary>Kind of device and the number of its slots.</summary>
/// <param name="Name">Name as in the profile, for example <c>cpu</c> or <c>T4</c>.</param>
/// <param name="Slots">Places where one variant runs; at least 0.</param>
/// <param name="SlotShare">Share of the profiled device that one slot gets, above 0 up to 1. A whole GPU or core is 1; four slots that take
/// turns on one core have 0.25 each: a batch still runs at the profiled speed, but the slot's throughput is the share times the profiled
/// one.</param>
/// <param name="PricePerHour">Cost of one slot, any currency; at least 0.</param>
public sealed record DeviceType(string Name, int Slots, double SlotShare = 1, double PricePerHour = 0)
{
    /// <summary>Memory of one slot for the variants that it holds, MiB; above 0. Null = as much as they need.</summary>
    public double? MemoryMiB { get; init; }
}
