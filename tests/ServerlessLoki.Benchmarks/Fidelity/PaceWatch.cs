using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>Watches how long batches take against what is expected, in windows so short that most hold a batch or two.</summary>
/// <remarks>The median over the windows is the machine's pace; the mean over all would take a few stalls for it.</remarks>
internal sealed class PaceWatch(IServingEngine engine)
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);
    private readonly List<HostTimes> _times = [];

    /// <summary>Watches until the load has ended.</summary>
    public async Task<T> DuringAsync<T>(Task<T> load)
    {
        _times.Add(HostTimes.Now(engine));
        while (!load.IsCompleted)
        {
            await Task.WhenAny(load, Task.Delay(Window));
            _times.Add(HostTimes.Now(engine));
        }

        return await load;
    }

    /// <summary>Real over expected batch times by variant that ran: median over the windows, each weighted by its batches. A real batch
    /// also fills its input, reads its output and cuts its children's out, all on the compute thread, while client and sockets want
    /// the same cores.</summary>
    public Dictionary<string, double> Factors(LatencyProfile expected)
    {
        var windows = _times.Zip(_times.Skip(1), (before, now) => now.Over(before, expected)).SelectMany(w => w);
        return windows.GroupBy(w => w.Variant, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => WeightedMedian([.. g.Select(w => (w.Ratio, w.Batches))]), StringComparer.Ordinal);
    }

    private static double WeightedMedian((double Value, long Weight)[] values)
    {
        Array.Sort(values);
        var half = values.Sum(v => v.Weight) / 2.0;
        foreach (var (value, weight) in values)
        {
            half -= weight;
            if (half <= 0)
                return value;
        }

        return values[^1].Value;
    }
}
