using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Figure measured with several seeds.</summary>
public sealed class Estimate
{
    /// <summary>97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, the normal's is close enough.</summary>
    private static readonly double[] T =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>Makes the estimate from one value per seed; NaN = that run has none.</summary>
    /// <param name="values">Values in the order of the seeds.</param>
    public Estimate(ImmutableArray<double> values)
    {
        Values = values;
        var known = values.Where(v => !double.IsNaN(v)).ToArray();
        Mean = known.Length == 0 ? double.NaN : known.Average();
        Confidence95 = known.Length < 2 ? double.NaN
            : Quantile(known.Length - 1) * Math.Sqrt(known.Sum(v => (v - Mean) * (v - Mean)) / (known.Length - 1) / known.Length);
    }

    /// <summary>One value per seed, in their order.</summary>
    public ImmutableArray<double> Values { get; }

    /// <summary>Mean over the seeds that have a value; NaN without any.</summary>
    public double Mean { get; }

    /// <summary>Half the width of the 95 % confidence interval of the mean (Student's t); NaN with fewer than two values.</summary>
    public double Confidence95 { get; }

    private static double Quantile(int freedom) => freedom <= T.Length ? T[freedom - 1] : 1.96;
}
