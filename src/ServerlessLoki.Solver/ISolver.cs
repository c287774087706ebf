namespace ServerlessLoki.Solver;

/// <summary>Solver of mixed-integer linear programs.</summary>
public interface ISolver
{
    /// <summary>Finds the best values of <paramref name="program"/>, or proves that there are none. The call is pure: the same program and
    /// options give the same solution, unless a time limit ends it early. Neither argument is kept.</summary>
    /// <param name="program">The program.</param>
    /// <param name="options">Gaps, limits and warm start; null for the defaults.</param>
    /// <param name="cancellationToken">Abandons the solve.</param>
    /// <exception cref="ArgumentException">The options do not fit the program; the message lists every fault.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; a limit, in contrast, returns the best so far.</exception>
    Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default);
}
