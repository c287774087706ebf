using ServerlessLoki.Cli.Load;
using ServerlessLoki.Serving;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>One stretch of arrivals as the host served it.</summary>
/// <param name="Schedule">The arrivals.</param>
/// <param name="Records">What became of them.</param>
/// <param name="Before">What the host had counted at the start.</param>
/// <param name="After">The same at the end.</param>
/// <param name="Cores">Core time spent between.</param>
/// <param name="Slowdown">By how much the host took its batches to be slower than their profile, at the start.</param>
internal sealed record LiveRound(
    Cli.Load.Arrival[] Schedule, LoadRecord[] Records, HostTimes Before, HostTimes After, CoreTimes Cores, double Slowdown)
{
    /// <summary>Core time of batches over the time that they took: less than 1 where they waited for a core.</summary>
    public double CoresPerBatchTime => Cores.BatchMs / After.BatchMs(Before);

    /// <summary>Share of time that a compute thread had a batch in hand.</summary>
    public double Busy => After.BatchMs(Before) / Cores.Clock / Environment.ProcessorCount;

    /// <summary>Mean time between client and engine of an answer, from when it was really sent, milliseconds.</summary>
    public double WireMs => Records.Where(r => r.Completed).Average(r => (r.DoneUs - r.SentUs) / 1000.0) - After.MeanQueryMs(Before);

    /// <summary>The queries as they left the client: its timer holds those of about a millisecond back and sends them together.</summary>
    public IEnumerable<LoadRecord> Sent => Records.OrderBy(r => r.SentUs).ThenBy(r => r.IntendedUs);

    /// <summary>Sends the arrivals.</summary>
    public static async Task<LiveRound> RunAsync(IServingEngine engine, HttpLoadTarget target, Cli.Load.Arrival[] schedule, double slowdown)
    {
        var (before, cores) = (HostTimes.Now(engine), CoreTimes.Now());
        var records = await new LoadGenerator(target, TimeProvider.System).RunAsync(schedule, 3, CancellationToken.None);
        return new LiveRound(schedule, records, before, HostTimes.Now(engine), CoreTimes.Now() - cores, slowdown);
    }

    /// <summary>Core time of a query beside its batches: client, sockets, HTTP, join; milliseconds.</summary>
    /// <param name="idleShare">Core time over time that the process takes without any query.</param>
    public double QueryMs(double idleShare) => Math.Max(0, (Cores.ProcessMs - Cores.BatchMs - (idleShare * Cores.Clock)) / Records.Length);
}
