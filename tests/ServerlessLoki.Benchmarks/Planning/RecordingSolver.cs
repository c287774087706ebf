using System.Diagnostics;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Benchmarks.Planning;

/// <summary>Keeps the programs that a policy asks for, so that another solver can be asked the same.</summary>
internal sealed class RecordingSolver(ISolver inner) : ISolver
{
    public List<(MixedIntegerProgram Program, SolveOptions Options, Solution Solution)> Calls { get; } = [];

    public Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default)
    {
        var solution = inner.Solve(program, options, cancellationToken);
        Calls.Add((program, options ?? SolveOptions.Default, solution));
        return solution;
    }

    /// <summary>Time that a solver takes for all programs kept, and whether all its answers are as good; each within the limit.</summary>
    public (double Ms, bool Agrees) Replay(ISolver solver, TimeSpan? limit)
    {
        var (ms, agrees) = (0.0, true);
        foreach (var (program, options, known) in Calls)
        {
            var asked = limit is null ? options : options with { TimeLimit = limit, TimeProvider = TimeProvider.System };
            var start = Stopwatch.GetTimestamp();
            var found = solver.Solve(program, asked);
            ms += Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            agrees &= Agree(program, options, known, found);
        }

        return (ms, agrees);
    }

    private static bool Agree(MixedIntegerProgram program, SolveOptions options, Solution known, Solution found)
    {
        var allowed = Math.Max(1e-6, 2 * options.RelativeGap);
        if (known.HasValues || options.Cutoff is not { } cutoff)
            return found.Status == known.Status && (!known.HasValues || Math.Abs(found.Objective - known.Objective) <= allowed * Math.Max(1, Math.Abs(known.Objective)));

        // Nothing better than the cutoff there: a solver that does not look at it may find what is no better.
        var better = program.Sense == ObjectiveSense.Maximise ? found.Objective - cutoff : cutoff - found.Objective;
        return !found.HasValues || better <= allowed * Math.Max(1, Math.Abs(cutoff));
    }
}
