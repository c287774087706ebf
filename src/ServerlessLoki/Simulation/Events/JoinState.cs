using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>A join that waits for all that came of one item. Rows below the item refer to it, and by it to the joins around it.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct JoinState
{
    public double AccuracySum;
    public int Task;

    /// <summary>The join's own row: it counts among the query's rows from the start and gets its stage when it runs.</summary>
    public int Row;

    /// <summary>Rows, waiting joins included, that can still lead here.</summary>
    public int Open;
    public int Arrived;

    /// <summary>Edge and variant of the last arrival's parent.</summary>
    public int Edge;
    public int ParentVariant;

    /// <summary>The next join outwards; −1 = none. While free: the next free record.</summary>
    public int Outer;

    /// <summary>Rows and joins that refer to it; free at 0.</summary>
    public int References;
    public bool IsWaiting;
}
