namespace ServerlessLoki.Solver;

/// <summary>Gaps, limits and warm start of one solve.</summary>
public sealed record SolveOptions
{
    /// <summary>Default options: exact to 1e-7 relative, no limits, no warm start.</summary>
    public static SolveOptions Default { get; } = new();

    /// <summary>Relative gap at which the solve stops: |objective − bound| ≤ gap · |objective|. At least 0; default 1e-7.</summary>
    public double RelativeGap { get; init; } = 1e-7;

    /// <summary>Absolute gap at which the solve stops: |objective − bound| ≤ gap. At least 0; default 1e-9.</summary>
    public double AbsoluteGap { get; init; } = 1e-9;

    /// <summary>Longest time to spend, above zero; null for no limit. Needs <see cref="TimeProvider"/>.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Most branch-and-bound nodes to open, at least 1; null for no limit.</summary>
    public long? NodeLimit { get; init; }

    /// <summary>Clock that measures <see cref="TimeLimit"/>; the solver reads no other.</summary>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>Objective that a solution must be better than; null = any. Where no solution is, the solve may end at once as
    /// <see cref="SolveStatus.Limit"/>, with a bound. A solver may ignore it.</summary>
    public double? Cutoff { get; init; }

    /// <summary>
    /// Values that may be feasible or nearly so, one per column, such as those of the last plan. They become the first
    /// incumbent if their integer part can be completed; otherwise they are ignored. Not kept or changed.
    /// </summary>
    public IReadOnlyList<double>? WarmStartValues { get; init; }

    /// <summary>Basis of an earlier solve of a program of the same shape; ignored if the shape differs.</summary>
    public Basis? WarmStartBasis { get; init; }

    /// <summary>Lists the faults of these options for a program of <paramref name="columnCount"/> columns; empty when they fit.</summary>
    /// <param name="columnCount">Number of columns of the program.</param>
    public IReadOnlyList<string> Faults(int columnCount)
    {
        var faults = new List<string>();
        if (!(RelativeGap >= 0))
            faults.Add($"$.relativeGap: found {RelativeGap}; allowed: 0 or more");
        if (!(AbsoluteGap >= 0))
            faults.Add($"$.absoluteGap: found {AbsoluteGap}; allowed: 0 or more");
        if (TimeLimit is { } limit && limit <= TimeSpan.Zero)
            faults.Add($"$.timeLimit: found {limit}; allowed: above zero");
        if (TimeLimit is not null && TimeProvider is null)
            faults.Add("$.timeProvider: found none; allowed: a clock, since a time limit is set");
        if (NodeLimit is < 1)
            faults.Add($"$.nodeLimit: found {NodeLimit}; allowed: 1 or more");
        if (Cutoff is { } cutoff && double.IsNaN(cutoff))
            faults.Add("$.cutoff: found NaN; allowed: a number, or none");
        if (WarmStartValues is { } values && values.Count != columnCount)
            faults.Add($"$.warmStartValues: found {values.Count} values; allowed: one per column, {columnCount}");
        return faults;
    }
}
