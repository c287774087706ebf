namespace ServerlessLoki.Profiles;

/// <summary>Correction factor of one variant's profile, from the times of batches that served queries. Not thread-safe.</summary>
/// <remarks>
/// <para>Other work on the machine makes batches slower and never faster. So a profile is too slow as soon as batches are faster than it, and is
/// brought down at once. It is too fast only when even the best of many looks is slower; what passes meanwhile is
/// <see cref="Forecasting.SlowdownEstimate"/>'s to say.</para>
/// <para>Limits: a machine that is busy for as long as <see cref="Looks"/> looks is taken for its usual self until it is quiet again.</para>
/// </remarks>
public sealed class LiveCorrection
{
    /// <summary>Least number of looks with batches before a profile counts as too fast.</summary>
    public const int Looks = 12;

    private const long LeastBatches = 8;
    private const double TooSlow = 0.8;
    private const double TooFast = 1.3;
    private const double MostDown = 0.5;
    private const double MostUp = 1.5;
    private double _best = double.MaxValue;
    private int _looks;

    /// <summary>True once live times have confirmed or corrected the profile: after enough looks, or after one that lowered its
    /// times.</summary>
    public bool HasEvidence { get; private set; }

    /// <summary>Reads the batches since the last look and returns the correction.</summary>
    /// <param name="batches">Number of batches; a few give no correction.</param>
    /// <param name="actualUs">Measured time of all batches together, microseconds.</param>
    /// <param name="expectedUs">Time of all batches by the profile in force, microseconds.</param>
    /// <returns>Factor to multiply the variant's latencies by; 1 = unchanged.</returns>
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
