using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Numerics;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Lock-free histogram of non-negative integers with buckets of at most 12.5 % relative width.</summary>
/// <remarks>Eight buckets per power of two: the quantile of a recorded set is right to one bucket. Thread-safe.</remarks>
public sealed class Histogram
{
    private const int SubBits = 3;
    private const int Sub = 1 << SubBits;
    private readonly long[] _counts = new long[(64 - SubBits) * Sub];
    private readonly Histogram<double>? _instrument;
    private readonly KeyValuePair<string, object?>[] _tags = [];
    private readonly double _unit = 1;
    private long _sum;
    private long _count;

    /// <summary>Makes a histogram that is not published.</summary>
    public Histogram()
    {
    }

    /// <summary>Makes one series of an instrument: recorded values go to the instrument's listeners, of which <see cref="MeterView"/> adds
    /// them here.</summary>
    /// <param name="instrument">Instrument of the series.</param>
    /// <param name="tags">Tags of each measurement.</param>
    /// <param name="unit">Value of one recorded unit, in the instrument's unit.</param>
    internal Histogram(Histogram<double> instrument, KeyValuePair<string, object?>[] tags, double unit) => (_instrument, _tags, _unit) = (instrument, tags, unit);

    /// <summary>Number of recorded values.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Sum of the recorded values.</summary>
    public long Sum => Interlocked.Read(ref _sum);

    /// <summary>Records one value; negative ones count as 0.</summary>
    public void Record(long value)
    {
        value = Math.Max(0, value);
        if (_instrument is null)
            Add(value);
        else
            _instrument.Record(value * _unit, _tags);
    }

    /// <summary>Adds a measurement of the instrument.</summary>
    internal void Measured(double measurement) => Add((long)Math.Round(measurement / _unit));

    private void Add(long value)
    {
        Interlocked.Increment(ref _counts[Index(value)]);
        Interlocked.Add(ref _sum, value);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Returns the upper end of the bucket that holds the quantile; 0 when empty.</summary>
    /// <param name="q">Quantile, 0..1.</param>
    public long Quantile(double q)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(q * Count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += Interlocked.Read(ref _counts[i]);
            if (seen >= rank)
                return Upper(i);
        }

        return 0;
    }

    /// <summary>Counts the values up to each bound, for cumulative exposition.</summary>
    /// <param name="bounds">Ascending upper bounds.</param>
    public ImmutableArray<long> CumulativeCounts(ReadOnlySpan<long> bounds)
    {
        var result = ImmutableArray.CreateBuilder<long>(bounds.Length);
        long seen = 0;
        var bucket = 0;
        foreach (var bound in bounds)
        {
            while (bucket < _counts.Length && Upper(bucket) <= bound)
                seen += Interlocked.Read(ref _counts[bucket++]);
            result.Add(seen);
        }

        return result.MoveToImmutable();
    }

    private static int Index(long value)
    {
        if (value < Sub)
            return (int)value;
        var power = BitOperations.Log2((ulong)value);
        return ((power - SubBits + 1) * Sub) + (int)((value >> (power - SubBits)) & (Sub - 1));
    }

    private static long Upper(int index)
    {
        if (index < Sub)
            return index;
        var power = (index / Sub) + SubBits - 1;
        var step = 1L << (power - SubBits);
        return (1L << power) + (((index % Sub) + 1L) * step) - 1;
    }
}
