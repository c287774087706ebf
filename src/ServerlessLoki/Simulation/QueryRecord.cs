using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation;

/// <summary>Record of one simulated query.</summary>
/// <param name="Sequence">Number of its arrival, from 0.</param>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="ArrivalUs">Time when the query was sent, microseconds from the start. It arrives then, unless requests take time, see
/// <see cref="HostCores"/>.</param>
/// <param name="DeadlineUs">Deadline of the query, microseconds from the start.</param>
/// <param name="EndUs">Time when the query ended, microseconds from the start; where answers take time, when the client had the
/// answer.</param>
/// <param name="Outcome">Outcome of the query.</param>
/// <param name="Accuracy">Mean over its leaf results of the product of accuracies; 0 unless answered.</param>
/// <param name="Leaves">Leaf results of the query.</param>
/// <param name="RootVariant">Variant of the root task; −1 when rejected.</param>
/// <param name="Path">Bit (first variant of the task + variant) is set for each variant that served one of its rows; variants
/// are numbered through the pipeline's tasks, those past 127 are not traced.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct QueryRecord(
    long Sequence, int Pipeline, long ArrivalUs, long DeadlineUs, long EndUs, SimulatedOutcome Outcome, double Accuracy, int Leaves,
    int RootVariant, UInt128 Path)
{
    /// <summary>Time from arrival to end, microseconds.</summary>
    public long LatencyUs => EndUs - ArrivalUs;
}

/// <summary>Receives the record of each query as it ends.</summary>
public delegate void QueryEnded(in QueryRecord query);
