using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.TestData;

/// <summary>Solves so many programs; all later ones meet a limit before anything is found.</summary>
internal sealed class ExhaustedSolver(int programs) : ISolver
{
    private readonly BranchAndBoundSolver _inner = new();
    private int _left = programs;

    public Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default) =>
        _left-- > 0 ? _inner.Solve(program, options, cancellationToken) : new Solution { Status = SolveStatus.Limit };
}
