using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Presolve;

/// <summary>Program after presolve, as a minimisation, with the mapping back to the original program.</summary>
internal sealed record ReducedProgram
{
    public required MixedIntegerProgram Original { get; init; }

    /// <summary>False when presolve proved that no values are feasible; then the rest is empty.</summary>
    public required bool IsFeasible { get; init; }

    public required LinearProgram Linear { get; init; }

    /// <summary>Original column of each kept column.</summary>
    public required int[] Columns { get; init; }

    /// <summary>Original row of each kept row.</summary>
    public required int[] Rows { get; init; }

    /// <summary>Value of each removed original column.</summary>
    public required double[] FixedValues { get; init; }

    /// <summary>Offset of the objective: the minimised objective is cost·x of the reduced program plus this.</summary>
    public required double Offset { get; init; }

    /// <summary>Computes the original columns' values from scaled values of the kept ones; integers are rounded.</summary>
    public void Expand(ReadOnlySpan<double> scaled, double[] values)
    {
        FixedValues.CopyTo(values, 0);
        for (var j = 0; j < Columns.Length; j++)
        {
            var column = Columns[j];
            var x = Linear.IsInteger[j] ? Math.Round(scaled[j]) : scaled[j] * Linear.ColumnScale[j];
            values[column] = Math.Clamp(x, Original.ColumnLower[column], Math.Max(Original.ColumnLower[column], Original.ColumnUpper[column]));
        }
    }
}
