namespace ServerlessLoki.Profiles;

/// <summary>Says by what factor one variant's profile is wrong, from the times of batches that served queries. Not thread-safe.</summary>
/// <remarks>
/// <para>Other work on the machine makes batches slower and never faster. So a profile is too slow as soon as batches are faster than it, and is
/// brought down at once. It is too fast only when even the best of many looks is slower; what passes meanwhile is
/// <see cref="Forecasting.SlowdownEstimate"/>'s to say.</para>
/// <para>Limits: a machine that is busy for as long as <see cref="Looks"/> looks is taken for its usual self until it is quiet again.</para>
/// </remarks>
public sealed class LiveCorrection
{
    /// <summary>Looks with batches before a profile is called too fast.</summary>
    public const int Looks = 12;

    private const long LeastBatches = 8;
    private const double TooSlow = 0.8;
    private const double TooFast = 1.3;
    private const double MostDown = 0.5;
    private const double MostUp = 1.5;
    private double _best = double.MaxValue;
    private int _looks;

    /// <summary>True once live times have confirmed the profile or corrected it: enough looks, or one that brought it down.</summary>
    public bool HasEvidence { get; private set; }

    /// <summary>Takes what ran since the last look.</summary>
    /// <param name="batches">Batches; a few say nothing.</param>
    /// <param name="actualUs">What they took together, microseconds.</param>
    /// <param name="expectedUs">What the profile in force says, microseconds.</param>
    /// <returns>Factor to multiply the variant's latencies by; 1 = they stay.</returns>
    public double Look(long batches, double actualUs, double expectedUs)
    {
        if (batches < LeastBatches || !(expectedUs > 0) || !(actualUs > 0))
            return 1;
        var ratio = actualUs / expectedUs;
        _best = Math.Min(_best, ratio);
        var isFull = ++_looks >= Looks;
        if (ratio < TooSlow)
            return Correct(Math.Max(ratio, MostDown));
        if (!isFull)
            return 1;
        HasEvidence = true;
        if (_best > TooFast)
            return Correct(Math.Min(_best, MostUp));
        (_best, _looks) = (double.MaxValue, 0);
        return 1;
    }

    // What was seen before was compared with another profile.
    private double Correct(double factor)
    {
        (_best, _looks, HasEvidence) = (double.MaxValue, 0, true);
        return factor;
    }
}
