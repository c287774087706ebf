namespace ServerlessLoki.Solver;

/// <summary>How a solve ended.</summary>
public enum SolveStatus
{
    /// <summary>The values are proved to be within the asked gap of the best.</summary>
    Optimal,

    /// <summary>A limit was reached; the values are feasible, <see cref="Solution.Gap"/> says how far from the best they may be.</summary>
    Feasible,

    /// <summary>No values satisfy the program.</summary>
    Infeasible,

    /// <summary>The program has feasible values of arbitrarily good objective.</summary>
    Unbounded,

    /// <summary>A limit was reached before any feasible values were found.</summary>
    Limit,
}
