using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation;

/// <summary>One second of a simulation, all pipelines together, by the time of the event and not of the arrival.</summary>
/// <param name="Arrivals">Queries that arrived.</param>
/// <param name="OnTime">Queries answered in time.</param>
/// <param name="Late">Queries answered too late.</param>
/// <param name="Rejected">Queries refused at the ingress.</param>
/// <param name="Expired">Queries given up or lost.</param>
/// <param name="AccuracySum">Sum of the accuracies of the queries answered in time.</param>
/// <param name="P99Us">99th percentile of the latency of the answered queries, microseconds; NaN without any.</param>
/// <param name="ForecastQps">Demand that the plan in force was made for, queries per second.</param>
/// <param name="Servers">Slots in use at the second's end, draining and loading ones included.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SecondSample(
    int Arrivals, int OnTime, int Late, int Rejected, int Expired, double AccuracySum, float P99Us, float ForecastQps, int Servers)
{
    /// <summary>Mean accuracy of the queries answered in time, 0..1; NaN without any.</summary>
    public double Accuracy => OnTime == 0 ? double.NaN : AccuracySum / OnTime;
}
