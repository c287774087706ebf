using System.Runtime.InteropServices;

namespace ServerlessLoki.Control;

/// <summary>Outcome of one pipeline in a control period.</summary>
/// <param name="MedianUs">Median latency of answers that were due within the SLO, microseconds; NaN without any.</param>
/// <param name="SloUs">Latency objective, microseconds.</param>
/// <param name="DemandQps">Demand, queries per second. Of the refused queries only those believed to be distinct count, see
/// <see cref="Forecasting.DemandCount"/>.</param>
/// <param name="LostQps">Refused and expired queries of that demand, queries per second.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PeriodOutcome(double MedianUs, long SloUs, double DemandQps, double LostQps)
{
    /// <summary>Counts the lost queries that are demand. Arrivals that are not demand are retries of refused queries, which were lost once
    /// only.</summary>
    /// <param name="lost">Refused and expired queries.</param>
    /// <param name="came">Arrivals.</param>
    /// <param name="demand">Arrivals that are demand, see <see cref="Forecasting.DemandCount"/>.</param>
    public static double Believed(double lost, double came, double demand) => Math.Max(0, lost - Math.Max(0, came - demand));
}
