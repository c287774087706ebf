using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>One row of a query at one stage.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct RowState
{
    /// <summary>Names its place in the query whatever variants were chosen; all its draws derive from it.</summary>
    public ulong Key;

    /// <summary>Product of accuracies on its path, this variant included.</summary>
    public double Accuracy;
    public int Query;

    /// <summary>Next row of the same batch, or the next free record.</summary>
    public int Next;
    public int Stage;

    /// <summary>Innermost join that waits for what the row is part of, see <see cref="JoinState"/>; −1 = none.</summary>
    public int Scope;
    public int Attempts;
}
