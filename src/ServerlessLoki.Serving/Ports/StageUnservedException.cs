namespace ServerlessLoki.Serving.Ports;

/// <summary>A queue inside the process has no receiver, because its variant has just left. Nothing was queued.</summary>
public sealed class StageUnservedException(StageKey key) : Exception($"No slot of this process runs variant {key.Variant} any more.");
