using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>How long a query took, against its own deadline and against its pipeline's SLO.</summary>
/// <param name="LatencyUs">Arrival to end, microseconds.</param>
/// <param name="SlackUs">Time left until its deadline at the end, microseconds; null = it has none.</param>
/// <param name="SloSlackUs">Time left until its pipeline's SLO at the end, microseconds; below 0 beyond it. Null = it is not bound by it: a run.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueryTimes(long LatencyUs, long? SlackUs, long? SloSlackUs)
{
    /// <summary>True when it ended after the SLO.</summary>
    public bool IsBeyondSlo => SloSlackUs < 0;

    /// <summary>True when it was due within the SLO: how long it took then says how the plan does. Others wait on purpose.</summary>
    public bool IsDueWithinSlo => SlackUs <= SloSlackUs;
}
