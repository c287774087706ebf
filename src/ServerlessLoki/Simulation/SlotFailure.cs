namespace ServerlessLoki.Simulation;

/// <summary>A slot that dies and comes back.</summary>
/// <param name="Device">Device type index.</param>
/// <param name="Slot">Slot number on it, from 0.</param>
/// <param name="AtUs">When, microseconds from the start. Rows in its hands are tried once more elsewhere.</param>
/// <param name="DurationUs">How long it is away; loading its variant again comes on top.</param>
public sealed record SlotFailure(int Device, int Slot, long AtUs, long DurationUs);
