using System.Runtime.InteropServices;

namespace ServerlessLoki.Forecasting;

/// <summary>One query that reaches the ingress.</summary>
/// <param name="AtUs">Arrival time, microseconds from the start; at least 0.</param>
/// <param name="Pipeline">Index of the pipeline that the query asks for.</param>
/// <param name="LatencyUs">Latency bound of this query, microseconds; it replaces the pipeline's SLO, shorter or longer. Null = the
/// SLO.</param>
/// <param name="MinAccuracy">Least product of accuracies that the query accepts, 0..1; 0 = any.</param>
/// <param name="Record">Recorded parent that the query's root repeats, a position among those of the simulated problem; null = drawn from
/// them.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Arrival(long AtUs, int Pipeline = 0, long? LatencyUs = null, double MinAccuracy = 0, int? Record = null);
