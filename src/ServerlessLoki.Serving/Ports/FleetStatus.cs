namespace ServerlessLoki.Serving.Ports;

/// <summary>Scaling of one device type.</summary>
/// <param name="Device">Device type.</param>
/// <param name="Slots">Least number of slots that the platform was last known to keep; null until it was asked.</param>
/// <param name="Wanted">Slots of the last request, in whole replicas; null if there was none.</param>
/// <param name="Changed">Time when a change was last accepted; null if none was.</param>
/// <param name="Failure">Reason why the last call failed; null if it did not. The platform keeps its earlier setting.</param>
/// <param name="FailedAt">Time of that failure.</param>
public sealed record FleetStatus(string Device, int? Slots, int? Wanted, DateTimeOffset? Changed, string? Failure, DateTimeOffset? FailedAt);
