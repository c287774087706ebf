using System.Runtime.InteropServices;

namespace ServerlessLoki.Cli.Load;

/// <summary>Record of one query.</summary>
/// <param name="IntendedUs">Intended send time, microseconds since the start.</param>
/// <param name="SentUs">Real send time, microseconds since the start.</param>
/// <param name="DoneUs">Time when the answer was complete, microseconds since the start.</param>
/// <param name="Phase">Index of the query's phase.</param>
/// <param name="Body">Index of the query's body in the pool.</param>
/// <param name="Reply">Reply of the server.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LoadRecord(
    long IntendedUs, long SentUs, long DoneUs, int Phase, int Body, LoadReply Reply)
{
    /// <summary>Latency from the intended send time, so that a slow generator or a blocked client cannot hide a queue.</summary>
    public double LatencyMs => (DoneUs - IntendedUs) / 1000.0;

    /// <summary>True for an answer with status 200.</summary>
    public bool Completed => Reply.Status == 200;

    /// <summary>Tests for an answer with status 200 within the SLO.</summary>
    public bool Attained(double sloMs) => Completed && LatencyMs <= sloMs;
}
