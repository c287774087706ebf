namespace ServerlessLoki.Planning.Policies.SlackFit;

/// <summary>Constants of SlackFit.</summary>
internal sealed record SlackFitOptions
{
    /// <summary>Buckets of equal width that latency is cut into; at least 1. Default 8.</summary>
    public int Buckets { get; init; } = 8;
}
