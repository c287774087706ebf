using System.Runtime.InteropServices;

namespace ServerlessLoki.Routing;

/// <summary>A query that asks to be let in.</summary>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="U">Uniform in [0, 1), which draws the planned variant.</param>
/// <param name="MinAccuracy">Least product of accuracies that it accepts; 0 = any.</param>
/// <param name="TimeUs">Deadline − now, microseconds; <see cref="double.MaxValue"/> = it has no deadline.</param>
/// <param name="KeptUs">What of that is not counted on while work waits: its own decoding, and the margin (<see cref="AdmissionMargin"/>), microseconds.</param>
/// <param name="Share">See <see cref="Comfort.Allows"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdmissionQuery(int Pipeline, double U, double MinAccuracy, double TimeUs, double KeptUs, double Share);
