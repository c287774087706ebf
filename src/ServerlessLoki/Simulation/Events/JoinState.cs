using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Join that waits for everything that one item led to. Rows below the item refer to it, and through it to the enclosing
/// joins.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct JoinState
{
    public double AccuracySum;
    public int Task;

    /// <summary>Row of the join itself: it counts among the query's rows from the start and gets its stage when it runs.</summary>
    public int Row;

    /// <summary>Rows, waiting joins included, that can still lead to this join.</summary>
    public int Open;
    public int Arrived;

    /// <summary>Edge and variant of the last arrival's parent.</summary>
    public int Edge;
    public int ParentVariant;

    /// <summary>Enclosing join; −1 = none. In a free record: the next free record.</summary>
    public int Outer;

    /// <summary>Rows and joins that refer to this join; the record is free at 0.</summary>
    public int References;
    public bool IsWaiting;
}
