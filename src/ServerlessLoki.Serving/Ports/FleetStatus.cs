namespace ServerlessLoki.Serving.Ports;

/// <summary>Where the scaling of one device type stands.</summary>
/// <param name="Device">Device type.</param>
/// <param name="Slots">Slots that the platform was last known to keep at least; null until it was asked.</param>
/// <param name="Wanted">Slots that were last asked for, in whole replicas; null if none were.</param>
/// <param name="Changed">When a change was last accepted; null if none was.</param>
/// <param name="Failure">Why the last call failed; null if it did not. What was kept stays.</param>
/// <param name="FailedAt">When it failed.</param>
public sealed record FleetStatus(string Device, int? Slots, int? Wanted, DateTimeOffset? Changed, string? Failure, DateTimeOffset? FailedAt);
