using System.Runtime.InteropServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>State of one row of a query at one stage.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct RowState
{
    /// <summary>Key of the row's place in the query, independent of the chosen variants; all its random draws derive from it.</summary>
    public ulong Key;

    /// <summary>Product of accuracies on the row's path, this variant included.</summary>
    public double Accuracy;
    public int Query;

    /// <summary>Next row of the same batch, or the next free record.</summary>
    public int Next;
    public int Stage;

    /// <summary>Innermost join that waits for the row, see <see cref="JoinState"/>; −1 = none.</summary>
    public int Scope;
    public int Attempts;
}
