namespace ServerlessLoki.Solver.Simplex;

/// <summary>Row lower ≤ values·columns that every integer solution satisfies, in scaled columns.</summary>
internal sealed record CutRow(double Lower, int[] Columns, double[] Values);
