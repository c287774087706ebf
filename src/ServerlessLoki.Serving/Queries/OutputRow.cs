using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Detection or classification.</summary>
/// <param name="Label">Index into the task's labels.</param>
/// <param name="Score">Score, 0..1.</param>
/// <param name="X1">Left edge, 0..1 of the width; 0 for a classification.</param>
/// <param name="Y1">Top edge, 0..1 of the height.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OutputRow(int Label, float Score, float X1, float Y1, float X2, float Y2)
{
    /// <summary>Key points of a detection; null where its decoder finds none.</summary>
    public RowPoints? Points { get; init; }
}
