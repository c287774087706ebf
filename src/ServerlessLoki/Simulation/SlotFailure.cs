namespace ServerlessLoki.Simulation;

/// <summary>Failure of a slot, which recovers later.</summary>
/// <param name="Device">Device type index.</param>
/// <param name="Slot">Slot number on the device, from 0.</param>
/// <param name="AtUs">Time of the failure, microseconds from the start. Rows of the running batch are retried elsewhere once.</param>
/// <param name="DurationUs">Length of the failure, microseconds; loading the variant again comes on top.</param>
public sealed record SlotFailure(int Device, int Slot, long AtUs, long DurationUs);
