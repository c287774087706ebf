using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Rules;

/// <summary>Draws child counts from a mean and one uniform number.</summary>
internal static class FanOutSampler
{
    private const int Most = 1 << 16;

    public static int Draw(FanOutDraw draw, double mean, double u) => draw switch
    {
        FanOutDraw.Poisson => Poisson(mean, u),
        FanOutDraw.Geometric => mean <= 0 ? 0 : (int)Math.Min(Most, Math.Log(1 - u) / Math.Log(mean / (1 + mean))),
        _ => (int)(mean + u),
    };

    // By inversion: one number per draw keeps compared plans on the same traffic.
    private static int Poisson(double mean, double u)
    {
        if (mean > 200)
            return (int)Math.Max(0, Math.Round(mean + (Math.Sqrt(mean) * HashRandom.Normal(HashRandom.Mix((ulong)(u * (1UL << 53)))))));
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
