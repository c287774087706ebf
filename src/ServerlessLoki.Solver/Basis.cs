namespace ServerlessLoki.Solver;

/// <summary>Basis of a solved linear relaxation: the status of each column and row. Opaque; passed back as a warm start.</summary>
public sealed class Basis
{
    internal Basis(int columnCount, int rowCount, byte[] status)
    {
        ColumnCount = columnCount;
        RowCount = rowCount;
        Status = status;
    }

    /// <summary>Number of columns of the program that this basis belongs to.</summary>
    public int ColumnCount { get; }

    /// <summary>Number of rows of the program that this basis belongs to.</summary>
    public int RowCount { get; }

    internal byte[] Status { get; }
}
