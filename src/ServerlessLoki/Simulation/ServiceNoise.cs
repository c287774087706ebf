namespace ServerlessLoki.Simulation;

/// <summary>Spread of batch times: the profiled median times a lognormal factor with median 1.</summary>
/// <param name="Sigma">Standard deviation of the factor's logarithm, at least 0; null = from each variant's profile, so that
/// its 99th percentile is met: ln(p99 / p50) / 2.326.</param>
public sealed record ServiceNoise(double? Sigma)
{
    /// <summary>No spread: batches take exactly the profiled time.</summary>
    public static readonly ServiceNoise None = new(0.0);

    /// <summary>Spread of each variant's own profile.</summary>
    public static readonly ServiceNoise Profiled = new((double?)null);
}
