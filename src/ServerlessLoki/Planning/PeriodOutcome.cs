using System.Runtime.InteropServices;

namespace ServerlessLoki.Planning;

/// <summary>How one pipeline did in a control period.</summary>
/// <param name="MedianUs">Median latency of answers that were due within the SLO, microseconds; NaN without any.</param>
/// <param name="SloUs">Latency objective, microseconds.</param>
/// <param name="DemandQps">Demand per second, rejected queries included.</param>
/// <param name="LostQps">Refused and expired per second.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PeriodOutcome(double MedianUs, long SloUs, double DemandQps, double LostQps);
