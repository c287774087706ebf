using NativeSolver = Google.OrTools.LinearSolver.Solver;

namespace ServerlessLoki.OrTools;

/// <summary>Interruption of a native solve on cancellation at any moment; dispose it when the solve has returned.</summary>
/// <remarks>SCIP ignores an interrupt that arrives before its search has begun, so a single call might have no effect and the solve run on
/// for hours: the call is repeated until the solve has ended.</remarks>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    private readonly NativeSolver _solver;
    private readonly Timer _timer;
    private readonly CancellationTokenRegistration _registration;

    public Interruption(NativeSolver solver, CancellationToken cancellationToken)
    {
        _solver = solver;
        _timer = new Timer(static solver => ((NativeSolver)solver!).InterruptSolve(), solver, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registration = cancellationToken.Register(static self => ((Interruption)self!).Start(), this);
    }

    /// <summary>Waits until no call to the solver is under way or to come; the solver may then be disposed.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        using var silent = new ManualResetEvent(false);
        if (_timer.Dispose(silent))
            silent.WaitOne();
    }

    private void Start()
    {
        _solver.InterruptSolve();
        _timer.Change(Again, Again);
    }
}
