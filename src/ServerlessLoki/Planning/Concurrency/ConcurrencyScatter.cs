namespace ServerlessLoki.Planning.Concurrency;

/// <summary>Finds the useful concurrency of a server from what it shows under its natural load: the
/// scatter-concurrency-throughput model of ConScale (related.md 4).</summary>
/// <remarks>One scatter per stage, device and model; begin a new one when the hardware changes. Not thread-safe.</remarks>
public sealed class ConcurrencyScatter
{
    // A low throughput at some concurrency may be want of work elsewhere, so a high quantile speaks for it.
    private const double Quantile = 0.9;
    private const double Tolerance = 0.05;
    private const int LeastPerBin = 5;
    private const int LeastBins = 5;
    private readonly (int Concurrency, double Throughput)[] _samples;
    private int _count;

    /// <summary>Starts without samples.</summary>
    /// <param name="window">Samples kept, the last ones; at least 1. Default 3,000: five minutes of tenths of a second.</param>
    public ConcurrencyScatter(int window = 3000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        _samples = new (int, double)[window];
    }

    /// <summary>Takes one short interval.</summary>
    /// <param name="concurrency">Requests that the server held; at least 0, and 0 tells nothing.</param>
    /// <param name="throughput">Requests that it ended per unit of time; at least 0.</param>
    public void Observe(int concurrency, double throughput)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(concurrency);
        ArgumentOutOfRangeException.ThrowIfNegative(throughput);
        if (concurrency > 0)
            _samples[_count++ % _samples.Length] = (concurrency, throughput);
    }

    /// <summary>The range in which throughput is within 5 % of the most; null until enough concurrencies were seen often enough.</summary>
    public ConcurrencyRange? Estimate()
    {
        var kept = Math.Min(_count, _samples.Length);
        var bins = _samples.Take(kept).GroupBy(s => s.Concurrency).Where(g => g.Count() >= LeastPerBin)
            .OrderBy(g => g.Key).Select(g => (Concurrency: g.Key, Throughput: High(g.Select(s => s.Throughput)))).ToArray();
        if (bins.Length < LeastBins)
            return null;
        var smooth = bins.Select((_, i) => bins[Math.Max(0, i - 1)..Math.Min(bins.Length, i + 2)].Average(b => b.Throughput)).ToArray();
        var most = smooth.Max();
        var good = Enumerable.Range(0, bins.Length).Where(i => smooth[i] >= (1 - Tolerance) * most).ToArray();
        return new ConcurrencyRange(bins[good[0]].Concurrency, bins[good[^1]].Concurrency, most, kept);
    }

    private static double High(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Ceiling(Quantile * sorted.Length) - 1];
    }
}
