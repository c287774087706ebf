namespace ServerlessLoki.Solver;

/// <summary>Outcome of a solve.</summary>
public enum SolveStatus
{
    /// <summary>The values are proven to be within the requested gap of the best.</summary>
    Optimal,

    /// <summary>A limit was reached; the values are feasible, and <see cref="Solution.Gap"/> says how far from the best they may
    /// be.</summary>
    Feasible,

    /// <summary>No values satisfy the program.</summary>
    Infeasible,

    /// <summary>The program has feasible values of arbitrarily good objective.</summary>
    Unbounded,

    /// <summary>A limit was reached before any feasible values were found.</summary>
    Limit,
}
