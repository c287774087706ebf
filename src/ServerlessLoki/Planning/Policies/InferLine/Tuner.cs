using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>InferLine's Tuner (Tuner): more replicas as soon as traffic outgrows the sample's envelope, fewer after calm traffic. Only
/// replica counts change.</summary>
internal static class Tuner
{
    private const long CalmUs = 30_000_000;
    private const long CalmWindowUs = 5_000_000;

    // ⌈x⌉ that does not round a whole number up for its last bit.
    private const double Rounding = 1e-9;

    /// <summary>Longest window of an envelope.</summary>
    public static readonly TimeSpan EnvelopeTime = TimeSpan.FromSeconds(60);

    /// <summary>Returns the seed after one look at the traffic; the same object when nothing changes.</summary>
    /// <param name="seed">Seed as planned or as tuned before.</param>
    /// <param name="atUs">Arrivals of the pipeline over the last minute and the stable time, not falling.</param>
    /// <param name="fromUs">Time since which arrivals are known, microseconds.</param>
    /// <param name="nowUs">Current time, on the same clock.</param>
    /// <param name="options">Mode and times.</param>
    public static PipelineSeed Tune(PipelineSeed seed, ReadOnlySpan<long> atUs, long fromUs, long nowUs, InferLineOptions options)
    {
        var stableUs = (long)options.StableTime.TotalMicroseconds;
        var minute = atUs[FirstSince(atUs, nowUs - (long)EnvelopeTime.TotalMicroseconds)..];
        var grown = ScaleUp(seed, TrafficEnvelope.Of(minute, seed.Envelope.WindowsUs), options);
        if (!ReferenceEquals(grown, seed))
            return grown with { ChangedUs = nowUs };

        // While the last minute still exceeds the envelope, retiring what it asked for would only bring it back at the next look.
        var isCalm = nowUs - Math.Max(seed.ChangedUs ?? fromUs, fromUs) >= stableUs
            && !Exceeds(seed.Envelope, TrafficEnvelope.Of(atUs, seed.Envelope.WindowsUs), options);
        if (!isCalm)
            return seed;
        var shrunk = ScaleDown(seed, CalmQps(atUs, nowUs));
        return ReferenceEquals(shrunk, seed) ? seed : shrunk with { ChangedUs = nowUs };
    }

    /// <summary>Raises the replicas to the largest rate r_max among the windows above the envelope; in relative mode to the largest
    /// excess.</summary>
    public static PipelineSeed ScaleUp(PipelineSeed seed, TrafficEnvelope now, InferLineOptions options)
    {
        var (most, limit) = (0.0, options.Relative ? 1 + options.Tolerance : 1);
        for (var w = 0; w < now.WindowsUs.Length; w++)
        {
            if (now.Counts[w] > limit * seed.Envelope.Counts[w])
                most = Math.Max(most, options.Relative ? (double)now.Counts[w] / Math.Max(1, seed.Envelope.Counts[w]) : now.RateQps(w));
        }

        if (most == 0)
            return seed;
        return With(seed, s => Math.Max(s.Replicas, options.Relative
            ? Math.Min(Up(s.Planned * most), Up(s.Replicas * options.StepLimit))
            : Up(most * s.ScaleFactor / (s.ReplicaQps * s.Ratio(seed.RateQps)))));
    }

    /// <summary>Lowers the replicas to a calm rate at the smallest ratio of the pipeline; never raises them (6.3).</summary>
    public static PipelineSeed ScaleDown(PipelineSeed seed, double calmQps)
    {
        var ratio = seed.Stages.Where(s => s.ScaleFactor > 0).Select(s => s.Ratio(seed.RateQps)).DefaultIfEmpty(1).Min();
        return With(seed, s => Math.Min(s.Replicas, Math.Max(1, Up(calmQps * s.ScaleFactor / (s.ReplicaQps * ratio)))));
    }

    /// <summary>Computes λ_new: the largest mean of a 5-second window of the last 30 seconds, queries per second.</summary>
    public static double CalmQps(ReadOnlySpan<long> atUs, long nowUs)
    {
        Span<int> counts = stackalloc int[(int)(CalmUs / CalmWindowUs)];
        for (var i = atUs.Length - 1; i >= 0 && nowUs - atUs[i] < CalmUs; i--)
            counts[(int)((nowUs - atUs[i]) / CalmWindowUs)]++;
        var most = 0;
        foreach (var count in counts)
            most = Math.Max(most, count);
        return most * 1e6 / CalmWindowUs;
    }

    private static bool Exceeds(TrafficEnvelope plan, TrafficEnvelope now, InferLineOptions options)
    {
        for (var w = 0; w < now.WindowsUs.Length; w++)
        {
            if (now.Counts[w] > (options.Relative ? 1 + options.Tolerance : 1) * plan.Counts[w])
                return true;
        }

        return false;
    }

    private static PipelineSeed With(PipelineSeed seed, Func<StageSeed, int> replicas)
    {
        var stages = seed.Stages.Select(s => s.ScaleFactor > 0 ? s with { Replicas = replicas(s) } : s).ToArray();
        return stages.AsSpan().SequenceEqual(seed.Stages.AsSpan()) ? seed : seed with { Stages = [.. stages] };
    }

    private static int Up(double replicas) => (int)Math.Ceiling(Math.Min(replicas, 1e6) - Rounding);

    private static int FirstSince(ReadOnlySpan<long> atUs, long sinceUs)
    {
        var first = 0;
        while (first < atUs.Length && atUs[first] < sinceUs)
            first++;
        return first;
    }
}
