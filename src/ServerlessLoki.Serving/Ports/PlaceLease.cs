namespace ServerlessLoki.Serving.Ports;

/// <summary>Lease of a place in a plan.</summary>
/// <param name="Place">Name of the place, as it was claimed.</param>
/// <param name="Owner">Id of the holder.</param>
/// <param name="Expires">End of the lease, without another heartbeat.</param>
public sealed record PlaceLease(string Place, string Owner, DateTimeOffset Expires);
