using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>Runs to store.</summary>
public static class StoredRuns
{
    /// <summary>A time.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A run that was accepted, at noon if not told otherwise.</summary>
    public static RunRecord Run(string id, DateTimeOffset? created = null) => new()
    {
        Id = id, Pipeline = "traffic", State = RunState.Accepted, Payload = "", Parameters = "{}", Created = created ?? Noon,
    };
}
