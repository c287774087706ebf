using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation;

/// <summary>The truth about one simulated query.</summary>
/// <param name="Sequence">Number of its arrival, from 0.</param>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="ArrivalUs">When it was sent, microseconds from the start; it comes then, unless requests take time, see <see cref="HostCores"/>.</param>
/// <param name="DeadlineUs">When it had to be answered.</param>
/// <param name="EndUs">When it ended; where answers take time, when the client had it.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Accuracy">Mean over its leaf results of the product of accuracies; 0 unless answered.</param>
/// <param name="Leaves">Leaf results it collected.</param>
/// <param name="RootVariant">Variant of the root task; −1 when rejected.</param>
/// <param name="Path">Bit (first variant of the task + variant) is set for each variant that served one of its rows; variants
/// are numbered through the pipeline's tasks, those past 127 are not traced.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct QueryRecord(
    long Sequence, int Pipeline, long ArrivalUs, long DeadlineUs, long EndUs, SimulatedOutcome Outcome, double Accuracy, int Leaves,
    int RootVariant, UInt128 Path)
{
    /// <summary>Arrival to end, microseconds.</summary>
    public long LatencyUs => EndUs - ArrivalUs;
}

/// <summary>Takes the truth of each query as it ends.</summary>
public delegate void QueryEnded(in QueryRecord query);
