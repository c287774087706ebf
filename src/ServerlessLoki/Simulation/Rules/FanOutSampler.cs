using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Rules;

/// <summary>Draws child counts from a mean and one uniform number.</summary>
internal static class FanOutSampler
{
    private const int Most = 1 << 16;

    /// <summary>A variance so much above the mean cannot be told from a Poisson count's.</summary>
    private const double SamePart = 1e-6;

    public static int Draw(FanOutDraw draw, double mean, double u) => draw switch
    {
        FanOutDraw.Poisson => Poisson(mean, u),
        FanOutDraw.Geometric => mean <= 0 ? 0 : (int)Math.Min(Most, Math.Log(1 - u) / Math.Log(mean / (1 + mean))),
        _ => (int)(mean + u),
    };

    /// <summary>Draws a count of given mean and variance: of the least variance that whole numbers allow up to a Poisson count's a mixture of both, beyond
    /// it negative binomial, of which the geometric count is one.</summary>
    /// <param name="mean">At least 0.</param>
    /// <param name="variance">At least 0; less than whole numbers can have counts as the least.</param>
    /// <param name="u">Uniform in [0, 1).</param>
    public static int Draw(double mean, double variance, double u)
    {
        if (mean <= 0)
            return 0;
        if (variance > mean * (1 + SamePart))
            return NegativeBinomial(mean, variance, u);
        var part = mean - Math.Floor(mean);
        var least = part * (1 - part);
        var poisson = Math.Clamp((variance - least) / (mean - least), 0, 1);
        // Equal means: the variance of a mixture is the mean of the variances.
        return u < poisson ? Poisson(mean, u / poisson) : (int)(mean + ((u - poisson) / (1 - poisson)));
    }

    // Successes with gamma-distributed rates; its terms follow from each other as a Poisson count's do.
    private static int NegativeBinomial(double mean, double variance, double u)
    {
        var shape = mean * mean / (variance - mean);
        var ratio = mean / (mean + shape);
        var term = Math.Exp(shape * Math.Log(1 - ratio));
        if (term < 1e-300)
            return (int)Math.Clamp(Math.Round(mean + (Math.Sqrt(variance) * Normal(u))), 0, Most);
        var sum = term;
        var count = 0;
        while (u >= sum && count < Most)
        {
            term *= (count + shape) / ++count * ratio;
            sum += term;
            if (term < 1e-300)
                break;
        }

        return count;
    }

    private static double Normal(double u) => HashRandom.Normal(HashRandom.Mix((ulong)(u * (1UL << 53))));

    // By inversion: one number per draw keeps compared plans on the same traffic.
    private static int Poisson(double mean, double u)
    {
        if (mean > 200)
            return (int)Math.Max(0, Math.Round(mean + (Math.Sqrt(mean) * Normal(u))));
        var term = Math.Exp(-mean);
        var sum = term;
        var count = 0;
        while (u >= sum && count < Most)
        {
            count++;
            term *= mean / count;
            sum += term;
            if (term < 1e-300)
                break;
        }

        return count;
    }
}
