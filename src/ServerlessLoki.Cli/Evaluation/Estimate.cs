using System.Globalization;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Measured value with its 95 % confidence interval.</summary>
/// <param name="Value">Value, 0..1.</param>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
internal readonly record struct Estimate(double Value, double Low, double High)
{
    private const double Z = 1.959964;

    /// <summary>Interval in words.</summary>
    public string Interval => string.Create(CultureInfo.InvariantCulture, $"{Low:F3}–{High:F3}");

    /// <summary>Estimates a mean of values of 0..1.</summary>
    /// <remarks>Of rights and wrongs it is Wilson's score interval, which holds near 0 and 1 too (Wilson 1927); of other values the same
    /// formula is wider than need be, as no values in 0..1 with that mean vary more.</remarks>
    /// <param name="values">Values; at least one.</param>
    public static Estimate Mean(IReadOnlyCollection<double> values)
    {
        var (n, mean) = (values.Count, values.Average());
        var centre = (mean + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
        var half = Z / (1 + (Z * Z / n)) * Math.Sqrt((mean * (1 - mean) / n) + (Z * Z / (4.0 * n * n)));
        return new Estimate(mean, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
