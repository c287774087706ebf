using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Times of a query, against its own deadline and against its pipeline's SLO.</summary>
/// <param name="LatencyUs">Time from arrival to end, microseconds.</param>
/// <param name="SlackUs">Time left until the query's deadline at the end, microseconds; null = no deadline.</param>
/// <param name="SloSlackUs">Time left until the pipeline's SLO at the end, microseconds; below 0 after it. Null = a run, which the SLO does
/// not bind.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueryTimes(long LatencyUs, long? SlackUs, long? SloSlackUs)
{
    /// <summary>True when the query ended after the SLO.</summary>
    public bool IsBeyondSlo => SloSlackUs < 0;

    /// <summary>True when the query was due within the SLO, so that its latency tells how well the plan holds.</summary>
    public bool IsDueWithinSlo => SlackUs <= SloSlackUs;
}
