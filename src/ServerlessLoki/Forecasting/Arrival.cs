using System.Runtime.InteropServices;

namespace ServerlessLoki.Forecasting;

/// <summary>One query that reaches the ingress.</summary>
/// <param name="AtUs">When, microseconds from the start; at least 0.</param>
/// <param name="Pipeline">Index of the pipeline that it asks.</param>
/// <param name="LatencyUs">Its own latency bound, microseconds; it stands in place of the pipeline's SLO, shorter or longer. Null = the SLO.</param>
/// <param name="MinAccuracy">Least product of accuracies that it takes; 0 = any.</param>
/// <param name="Record">Which recorded parent its root is, a position among those of the simulated problem; null = drawn from them.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Arrival(long AtUs, int Pipeline = 0, long? LatencyUs = null, double MinAccuracy = 0, int? Record = null);
