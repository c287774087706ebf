using System.Numerics;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Latencies in buckets that grow with their value: 128 per doubling, so a quantile is within 0.4 %.</summary>
internal sealed class LatencyHistogram
{
    private const int Bits = 7;
    private readonly int[] _counts = new int[(65 - Bits) << Bits];
    private int _lowest = int.MaxValue;
    private int _highest = -1;

    public long Count { get; private set; }

    public void Add(long us)
    {
        var value = (ulong)Math.Max(0, us);
        var shift = Math.Max(0, BitOperations.Log2(value | 1) - Bits);
        var bucket = (shift << Bits) + (int)(value >> shift);
        _counts[bucket]++;
        Count++;
        _lowest = Math.Min(_lowest, bucket);
        _highest = Math.Max(_highest, bucket);
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = other._lowest; i <= other._highest; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
        _lowest = Math.Min(_lowest, other._lowest);
        _highest = Math.Max(_highest, other._highest);
    }

    /// <summary>Returns the smallest value that at least <paramref name="share"/> of all do not exceed, to a bucket's middle; NaN without
    /// values.</summary>
    public double Quantile(double share)
    {
        if (Count == 0)
            return double.NaN;
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        var bucket = _lowest;
        for (var seen = (long)_counts[bucket]; seen < rank; seen += _counts[bucket])
            bucket++;
        var shift = bucket < (2 << Bits) ? 0 : (bucket >> Bits) - 1;
        return ((double)(bucket - (shift << Bits)) + (shift == 0 ? 0 : 0.5)) * (1L << shift);
    }

    public void Clear()
    {
        if (_highest >= 0)
            Array.Clear(_counts, _lowest, _highest - _lowest + 1);
        (Count, _lowest, _highest) = (0, int.MaxValue, -1);
    }
}
