using System.Runtime.InteropServices;

namespace ServerlessLoki.Planning.Bounds;

/// <summary>One exit of a network that can stop early, or one variant of a ladder that is run in turn (related.md 3).</summary>
/// <param name="SegmentUs">Time from the exit before to this one, microseconds; above 0.</param>
/// <param name="Accuracy">Of an answer from here, 0..1.</param>
/// <param name="Energy">Spent from the beginning up to here, any unit; at least 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ExitProfile(double SegmentUs, double Accuracy, double Energy = 0);
