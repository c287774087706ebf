namespace ServerlessLoki.Planning.Vertical;

/// <summary>How long the first row of a batch waits for the others, 99th percentile, at independent arrivals (related.md 6, Themis).</summary>
public static class BatchFillWait
{
    private const double Percentile = 0.99;

    /// <summary>Bound by the gaps' own percentile: (b − 1) · ln 100 / λ, milliseconds.</summary>
    /// <param name="batch">Rows; at least 1.</param>
    /// <param name="qps">λ, above 0.</param>
    public static double BoundMs(int batch, double qps)
    {
        Check(batch, qps);
        return (batch - 1) * Math.Log(1 / (1 - Percentile)) * 1000 / qps;
    }

    /// <summary>Exact: the percentile of a gamma time of shape b − 1 and rate λ, milliseconds.</summary>
    /// <inheritdoc cref="BoundMs"/>
    public static double ExactMs(int batch, double qps)
    {
        Check(batch, qps);
        var (low, high) = (0.0, BoundMs(batch, qps) * qps / 1000);
        while (high - low > 1e-12 * Math.Max(1, high))
        {
            var middle = (low + high) / 2;
            if (Cumulative(batch - 1, middle) < Percentile)
                low = middle;
            else
                high = middle;
        }

        return high * 1000 / qps;
    }

    // Of an Erlang time of unit rate: 1 − e^−x Σ x^i / i!.
    private static double Cumulative(int shape, double x)
    {
        var (term, sum) = (Math.Exp(-x), 0.0);
        for (var i = 0; i < shape; i++)
        {
            sum += term;
            term *= x / (i + 1);
        }

        return 1 - sum;
    }

    private static void Check(int batch, double qps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(qps);
    }
}
