using System.Runtime.InteropServices;

namespace ServerlessLoki.Cli.Load;

/// <summary>One query's fate.</summary>
/// <param name="IntendedUs">When it should have been sent, microseconds since the start.</param>
/// <param name="SentUs">When it was sent.</param>
/// <param name="DoneUs">When its answer was complete.</param>
/// <param name="Phase">Index of its phase.</param>
/// <param name="Body">Index of its body in the pool.</param>
/// <param name="Reply">What came back.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LoadRecord(
    long IntendedUs, long SentUs, long DoneUs, int Phase, int Body, LoadReply Reply)
{
    /// <summary>Latency from the intended send time, so that a slow generator or a blocked client cannot hide a queue.</summary>
    public double LatencyMs => (DoneUs - IntendedUs) / 1000.0;

    /// <summary>True for an answer with status 200.</summary>
    public bool Completed => Reply.Status == 200;

    /// <summary>True for an answer with status 200 in time.</summary>
    public bool Attained(double sloMs) => Completed && LatencyMs <= sloMs;
}
