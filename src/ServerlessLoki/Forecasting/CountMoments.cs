using System.Runtime.InteropServices;

namespace ServerlessLoki.Forecasting;

/// <summary>Number, sum and sum of squares of counts, older ones with less weight.</summary>
/// <param name="Parents">Weight of all counts.</param>
/// <param name="Children">Their sum.</param>
/// <param name="Squares">Sum of their squares.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CountMoments(double Parents, double Children, double Squares)
{
    public double Mean => Children / Parents;

    /// <summary>Variance of one count; never below 0, also where counters were read while another thread added.</summary>
    public double Variance => Math.Max(0, (Squares / Parents) - (Mean * Mean));

    /// <summary>The moments with further counts.</summary>
    /// <param name="parents">How many.</param>
    /// <param name="children">Their sum.</param>
    /// <param name="squares">Sum of their squares.</param>
    /// <param name="keep">What the older ones are still worth, 0..1.</param>
    public CountMoments With(long parents, long children, long squares, double keep) =>
        new((Parents * keep) + parents, (Children * keep) + children, (Squares * keep) + squares);
}
