namespace ServerlessLoki.Serving.Ports;

/// <summary>A place that somebody holds.</summary>
/// <param name="Place">The place, as it was claimed.</param>
/// <param name="Owner">Who holds it.</param>
/// <param name="Expires">Until when, without another heartbeat.</param>
public sealed record PlaceLease(string Place, string Owner, DateTimeOffset Expires);
