namespace ServerlessLoki.Planning.Policies.Infaas;

/// <summary>Constants of <see cref="InfaasPolicy"/> (Proteus, baselines).</summary>
public sealed record InfaasOptions
{
    /// <summary>Load per capacity above which a model scales up; above 0 up to 1. Default 0.95.</summary>
    public double Slack { get; init; } = 0.95;

    /// <summary>Load per capacity below which a model scales down; at least 0, below <see cref="Slack"/>. Default 0.4.</summary>
    public double DownscaleSlack { get; init; } = 0.4;
}
