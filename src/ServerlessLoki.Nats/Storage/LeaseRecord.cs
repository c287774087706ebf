namespace ServerlessLoki.Nats.Storage;

/// <summary>Value of a lease in its bucket.</summary>
internal sealed record LeaseRecord(string Place, string Owner, DateTimeOffset Until);
