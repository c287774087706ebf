using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Bounds;

/// <summary>Chooses where to stop from a request's own bound, before it is run, so that the bound is kept and not only noticed
/// (related.md 3, Dělen).</summary>
public sealed class ExitLadder
{
    private readonly ImmutableArray<ExitProfile> _exits;
    private readonly double[] _endUs;

    /// <summary>Takes the exits in their order.</summary>
    /// <param name="exits">At least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ExitLadder(ImmutableArray<ExitProfile> exits)
    {
        if (exits.IsDefaultOrEmpty)
            throw new ArgumentException("There is no exit; give at least one.", nameof(exits));
        _exits = exits;
        _endUs = new double[exits.Length];
        var best = 0;
        var useful = ImmutableArray.CreateBuilder<int>();
        for (var e = 0; e < exits.Length; e++)
        {
            _endUs[e] = exits[e].SegmentUs + (e == 0 ? 0 : _endUs[e - 1]);
            if (e > 0 && exits[e].Accuracy <= exits[best].Accuracy)
                continue;
            best = e;
            useful.Add(e);
        }

        Useful = useful.ToImmutable();
    }

    /// <summary>Exits worth taking: later ones that are no more accurate only cost.</summary>
    public ImmutableArray<int> Useful { get; }

    /// <summary>The last exit predicted within a latency; null when there is none.</summary>
    /// <param name="boundUs">From now, microseconds.</param>
    /// <param name="passed">Exits already behind.</param>
    public int? WithinLatency(double boundUs, int passed = 0) =>
        Last(e => e >= passed && _endUs[e] - (passed == 0 ? 0 : _endUs[passed - 1]) <= boundUs);

    /// <summary>The last exit within an energy; null when there is none.</summary>
    /// <param name="bound">In the profile's unit.</param>
    public int? WithinEnergy(double bound) => Last(e => _exits[e].Energy <= bound);

    /// <summary>The first exit of at least an accuracy; null when there is none.</summary>
    /// <param name="bound">0..1.</param>
    public int? AtLeastAccuracy(double bound)
    {
        foreach (var e in Useful)
        {
            if (_exits[e].Accuracy >= bound)
                return e;
        }

        return null;
    }

    private int? Last(Func<int, bool> isWithin)
    {
        int? found = null;
        foreach (var e in Useful)
            found = isWithin(e) ? e : found;
        return found;
    }
}
