namespace ServerlessLoki.Solver.Simplex;

/// <summary>How a linear relaxation ended.</summary>
internal enum LpStatus
{
    Optimal,
    Infeasible,
    Unbounded,

    /// <summary>The objective is provably worse than the cutoff.</summary>
    Cutoff,

    IterationLimit,

    /// <summary>Rounding errors won; nothing is proved.</summary>
    Trouble,
}
