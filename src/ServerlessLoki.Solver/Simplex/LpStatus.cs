namespace ServerlessLoki.Solver.Simplex;

/// <summary>Outcome of a linear relaxation.</summary>
internal enum LpStatus
{
    Optimal,
    Infeasible,
    Unbounded,

    /// <summary>The objective is provably worse than the cutoff.</summary>
    Cutoff,

    IterationLimit,

    /// <summary>Rounding errors prevented a result; nothing is proven.</summary>
    Trouble,
}
