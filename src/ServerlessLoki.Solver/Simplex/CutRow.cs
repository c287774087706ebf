namespace ServerlessLoki.Solver.Simplex;

/// <summary>A row lower ≤ values·columns that every integer solution satisfies, in scaled columns.</summary>
internal sealed record CutRow(double Lower, int[] Columns, double[] Values);
