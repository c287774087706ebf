namespace ServerlessLoki.Solver;

/// <summary>Least and greatest value that a row can take within the bounds of its columns. Infinite terms are counted, not added, so that the
/// activity without one of them is known.</summary>
internal struct RowActivity
{
    /// <summary>Sum of the finite least terms.</summary>
    public double Least { get; private set; }

    /// <summary>Sum of the finite greatest terms.</summary>
    public double Most { get; private set; }

    /// <summary>Number of least terms that are infinite.</summary>
    public int LeastInfinite { get; private set; }

    /// <summary>Number of greatest terms that are infinite.</summary>
    public int MostInfinite { get; private set; }

    /// <summary>Adds the term of one column.</summary>
    /// <param name="coefficient">Coefficient of the column in the row.</param>
    /// <param name="lower">Lower bound of the column.</param>
    /// <param name="upper">Upper bound of the column.</param>
    public void Add(double coefficient, double lower, double upper)
    {
        var (low, high) = coefficient > 0 ? (coefficient * lower, coefficient * upper) : (coefficient * upper, coefficient * lower);
        if (double.IsInfinity(low))
            LeastInfinite++;
        else
            Least += low;
        if (double.IsInfinity(high))
            MostInfinite++;
        else
            Most += high;
    }
}
