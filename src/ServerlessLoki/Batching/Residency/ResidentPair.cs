using System.Runtime.InteropServices;

namespace ServerlessLoki.Batching.Residency;

/// <summary>What a slot that holds several variants may run: one of them with up to so many rows (SuperServe, §4: control tuple).</summary>
/// <param name="Variant">Position among the variants that the slot holds.</param>
/// <param name="Batch">Most rows, at least 1.</param>
/// <param name="LatencyUs">Time of a full batch, microseconds.</param>
/// <param name="Accuracy">Accuracy of the variant, 0..1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ResidentPair(int Variant, int Batch, double LatencyUs, double Accuracy)
{
    /// <summary>Rows per microsecond at full batches.</summary>
    public double RowsPerUs => Batch / LatencyUs;

    /// <summary>True when it is worse than the other in something and better in nothing.</summary>
    public bool IsDominatedBy(in ResidentPair other) =>
        other.LatencyUs <= LatencyUs && other.Batch >= Batch && other.Accuracy >= Accuracy
        && (other.LatencyUs < LatencyUs || other.Batch > Batch || other.Accuracy > Accuracy);
}
