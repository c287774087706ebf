namespace ServerlessLoki.Profiles;

/// <summary>Measured time of one batch of one variant on one device.</summary>
/// <param name="Variant">Variant name.</param>
/// <param name="Device">Device type name.</param>
/// <param name="Batch">Rows in the batch; at least 1.</param>
/// <param name="P50Ms">Median, milliseconds; above 0.</param>
/// <param name="P90Ms">90th percentile, milliseconds.</param>
/// <param name="P95Ms">95th percentile, milliseconds.</param>
/// <param name="P99Ms">99th percentile, milliseconds.</param>
public readonly record struct ProfileRow(
    string Variant, string Device, int Batch, double P50Ms, double P90Ms, double P95Ms, double P99Ms);
