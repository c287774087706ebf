using ServerlessLoki.Solver.Presolve;

namespace ServerlessLoki.Solver.Search;

/// <summary>Best solution so far, checked against the original rows, and the value that a node must beat.</summary>
internal sealed class Incumbent
{
    private const double AcceptedViolation = 1e-7;

    /// <summary>Share of a step by which an objective may be off.</summary>
    private const double StepTolerance = 1e-6;

    private readonly ReducedProgram _reduced;
    private readonly SolveOptions _options;
    private readonly double[] _trial;
    private readonly double _step;

    public Incumbent(ReducedProgram reduced, SolveOptions options)
    {
        _reduced = reduced;
        _options = options;
        _trial = new double[reduced.Original.ColumnCount];
        Values = new double[_trial.Length];
        Scaled = new double[reduced.Linear.ColumnCount];
        _step = ObjectiveStep(reduced);
    }

    public bool Exists => !double.IsPositiveInfinity(Objective);

    /// <summary>Reduced minimisation objective (without offset); infinite when there is none.</summary>
    public double Objective { get; private set; } = double.PositiveInfinity;

    /// <summary>Values of the original columns.</summary>
    public double[] Values { get; }

    /// <summary>Values of the reduced, scaled columns.</summary>
    public double[] Scaled { get; }

    /// <summary>Distance between objective and bound at which optimality counts as proven.</summary>
    public double Tolerance { get; private set; }

    /// <summary>Objective that a node must be below to be searched.</summary>
    public double Cutoff { get; private set; } = double.PositiveInfinity;

    /// <summary>Lowers the cutoff to <paramref name="cutoff"/>: solutions at or above it are not searched for.</summary>
    public void LimitTo(double cutoff) => Cutoff = Math.Min(Cutoff, cutoff);

    /// <summary>Accepts a point if it satisfies the original program and is better.</summary>
    /// <returns>True if the point is feasible, better or not.</returns>
    public bool Offer(ReadOnlySpan<double> scaled)
    {
        _reduced.Expand(scaled, _trial);
        var program = _reduced.Original;
        if (program.Violation(_trial) > AcceptedViolation)
            return false;
        var value = program.Evaluate(_trial);
        var objective = (program.Sense == ObjectiveSense.Maximise ? -value : value) - _reduced.Offset;
        if (objective >= Objective)
            return true;
        Objective = objective;
        _trial.CopyTo(Values, 0);
        scaled[..Scaled.Length].CopyTo(Scaled);
        Tolerance = Math.Max(_options.AbsoluteGap, _options.RelativeGap * Math.Abs(value));
        Cutoff = Objective - Tolerance;
        if (_step > 0)
            Cutoff = Math.Min(Cutoff, Objective - _step + (StepTolerance * _step) + (1e-9 * Math.Abs(Objective)));
        return true;
    }

    /// <summary>Computes the least objective that a solution not better than <paramref name="bound"/> can have.</summary>
    public double RoundUp(double bound)
    {
        if (_step <= 0 || double.IsInfinity(bound))
            return bound;
        // Half of the cutoff's tolerance: a node given up at the cutoff itself must round up to the objective, not a step below.
        return Math.Ceiling((bound / _step) - (StepTolerance / 2)) * _step;
    }

    // When every column with a cost is integer and the costs are multiples of a step, so are all objectives.
    private static double ObjectiveStep(ReducedProgram reduced)
    {
        var lp = reduced.Linear;
        var step = 0.0;
        for (var j = 0; j < lp.ColumnCount; j++)
        {
            var cost = Math.Abs(lp.Cost[j]);
            if (cost == 0)
                continue;
            if (!lp.IsInteger[j])
                return 0;
            // Only whole costs can be told exactly; scaling by hundreds serves prices in cents.
            var whole = Math.Round(cost * 10000);
            if (whole > 1e12 || Math.Abs((cost * 10000) - whole) > 1e-9 * whole)
                return 0;
            step = Divisor(step, whole);
        }

        return step / 10000;
    }

    private static double Divisor(double a, double b)
    {
        while (b > 0)
            (a, b) = (b, a % b);
        return a;
    }
}
