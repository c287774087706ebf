namespace ServerlessLoki.Solver;

/// <summary>Result of a solve with its proven bound.</summary>
public sealed record Solution
{
    /// <summary>Outcome of the solve.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>One value per column; empty unless <see cref="HasValues"/>. Integer columns hold exact integers.</summary>
    public double[] Values { get; init; } = [];

    /// <summary>Objective of <see cref="Values"/> in the program's own sense; NaN without values.</summary>
    public double Objective { get; init; } = double.NaN;

    /// <summary>Bound: no feasible objective is better (to 1e-6); infinite or NaN when nothing is proven.</summary>
    public double Bound { get; init; } = double.NaN;

    /// <summary>Branch-and-bound nodes solved, the root included.</summary>
    public long Nodes { get; init; }

    /// <summary>Simplex iterations over all nodes.</summary>
    public long Iterations { get; init; }

    /// <summary>Basis of the root relaxation, to warm-start the next program of the same shape; null where the solver has none.</summary>
    public Basis? Basis { get; init; }

    /// <summary>True when <see cref="Values"/> holds a feasible point.</summary>
    public bool HasValues => Status is SolveStatus.Optimal or SolveStatus.Feasible;

    /// <summary>|objective − bound| relative to |objective|; 0 when both are equal, infinite without values or bound.</summary>
    public double Gap
    {
        get
        {
            if (!HasValues || !double.IsFinite(Bound))
                return double.PositiveInfinity;
            var distance = Math.Abs(Objective - Bound);
            return distance == 0 ? 0 : distance / Math.Max(1e-10, Math.Abs(Objective));
        }
    }
}
