using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation;

/// <summary>One second of a simulation, all pipelines together; by the time of the event, not of the arrival.</summary>
/// <param name="Arrivals">Queries that came.</param>
/// <param name="OnTime">Answered in time.</param>
/// <param name="Late">Answered too late.</param>
/// <param name="Rejected">Refused.</param>
/// <param name="Expired">Given up or lost.</param>
/// <param name="AccuracySum">Sum of the accuracies of those on time.</param>
/// <param name="P99Us">99th percentile of the latency of the answered ones, microseconds; NaN without any.</param>
/// <param name="ForecastQps">Demand that the plan in force was made for.</param>
/// <param name="Servers">Slots in use at the second's end, draining and loading ones included.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SecondSample(
    int Arrivals, int OnTime, int Late, int Rejected, int Expired, double AccuracySum, float P99Us, float ForecastQps, int Servers)
{
    /// <summary>Mean accuracy of those on time; NaN without any.</summary>
    public double Accuracy => OnTime == 0 ? double.NaN : AccuracySum / OnTime;
}
