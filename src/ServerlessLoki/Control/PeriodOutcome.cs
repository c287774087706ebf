using System.Runtime.InteropServices;

namespace ServerlessLoki.Control;

/// <summary>How one pipeline did in a control period.</summary>
/// <param name="MedianUs">Median latency of answers that were due within the SLO, microseconds; NaN without any.</param>
/// <param name="SloUs">Latency objective, microseconds.</param>
/// <param name="DemandQps">Demand per second: refused queries included, as far as they are believed to be different ones.</param>
/// <param name="LostQps">Refused and expired queries of that demand per second.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PeriodOutcome(double MedianUs, long SloUs, double DemandQps, double LostQps)
{
    /// <summary>Lost queries as far as they are demand: arrivals that are not demand are refused queries that were asked again, and were lost once.</summary>
    /// <param name="lost">Refused and expired queries.</param>
    /// <param name="came">Arrivals.</param>
    /// <param name="demand">Those of them that are demand, see <see cref="Forecasting.DemandCount"/>.</param>
    public static double Believed(double lost, double came, double demand) => Math.Max(0, lost - Math.Max(0, came - demand));
}
