namespace ServerlessLoki.Azure.Fleet;

/// <summary>Scaling status of one device type's container app.</summary>
/// <param name="Device">Device type.</param>
/// <param name="Replicas">Least number of replicas that the platform was last known to keep; null until it was asked.</param>
/// <param name="Wanted">Replicas of the last request; null if there was none.</param>
/// <param name="Changed">Time when a change was last accepted; null if none was.</param>
/// <param name="Failure">Reason why the last call failed; null if it did not. The replicas stay as they are meanwhile.</param>
/// <param name="FailedAt">Time of that failure.</param>
public sealed record FleetAppStatus(string Device, int? Replicas, int? Wanted, DateTimeOffset? Changed, string? Failure, DateTimeOffset? FailedAt);
