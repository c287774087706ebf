namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
    /// <summary>Variable of each basis position.</summary>
    public ReadOnlySpan<int> Head => _head;

    /// <summary>
    /// The tableau row of a basis position: x_B + Σ values[j]·x_j = 0 over the nonbasic variables returned. Both are valid
    /// until the next call of any method.
    /// </summary>
    /// <param name="position">Position in the basis.</param>
    /// <param name="values">Coefficients, indexed by variable.</param>
    public ReadOnlySpan<int> Tableau(int position, out double[] values)
    {
        ComputePivotRow(position);
        values = _pivotRow;
        return _pivotRowIndex.AsSpan(0, _pivotRowCount);
    }
}
