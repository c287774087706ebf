using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation;

/// <summary>Totals of one variant over the whole simulation.</summary>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Task">Task index.</param>
/// <param name="Variant">Variant index.</param>
/// <param name="Rows">Rows that the variant served, warm-up included.</param>
/// <param name="Batches">Batches that the variant ran.</param>
/// <param name="GivenUp">Rows that left the queue unserved; rows that went on to a faster variant are not counted.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StageSample(int Pipeline, int Task, int Variant, long Rows, long Batches, long GivenUp)
{
    /// <summary>Rows per batch; NaN without batches.</summary>
    public double MeanBatch => (double)Rows / Batches;
}
