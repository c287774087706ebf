using System.Runtime.InteropServices;

namespace ServerlessLoki.Routing;

/// <summary>Query that asks to be admitted.</summary>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="U">Uniform random number in [0, 1) that draws the planned variant.</param>
/// <param name="MinAccuracy">Least product of accuracies that it accepts; 0 = any.</param>
/// <param name="TimeUs">Time until the deadline, microseconds; <see cref="double.MaxValue"/> = no deadline.</param>
/// <param name="KeptUs">Part of that time that is kept in reserve while work waits: the query's own decoding and the margin
/// (<see cref="AdmissionMargin"/>), microseconds.</param>
/// <param name="Share">Share of the query's time, see <see cref="Comfort.Allows"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdmissionQuery(int Pipeline, double U, double MinAccuracy, double TimeUs, double KeptUs, double Share);
