namespace ServerlessLoki.Azure.Fleet;

/// <summary>Where the scaling of one device's container app stands.</summary>
/// <param name="Device">Device type.</param>
/// <param name="Replicas">Replicas that the platform was last known to keep at least; null until it was asked.</param>
/// <param name="Wanted">Replicas that were last wished for; null if none were.</param>
/// <param name="Changed">When a change was last accepted; null if none was.</param>
/// <param name="Failure">Why the last call failed; null if it did not. The replicas stay as they are meanwhile.</param>
/// <param name="FailedAt">When it failed.</param>
public sealed record FleetAppStatus(string Device, int? Replicas, int? Wanted, DateTimeOffset? Changed, string? Failure, DateTimeOffset? FailedAt);
