using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Control;

/// <summary>Share of resources that the ingress takes from the plan: decoding loads the compute threads, and takes time before the root
/// stage. Used by the control loop only.</summary>
/// <param name="metrics">Metrics that count the times at the ingress.</param>
/// <param name="sloUs">Shortest SLO of all pipelines, microseconds.</param>
/// <param name="threads">Number of compute threads.</param>
internal sealed class DoorWatch(ServingMetrics metrics, long sloUs, int threads)
{
    /// <summary>Largest load that is subtracted, 0..1: a plan for less than a fifth of the machine would be no better than none.</summary>
    private const double Most = 0.8;

    /// <summary>Length of one measurement, microseconds: shorter ones are chance.</summary>
    private const long SpanUs = 1_000_000;
    private const double Weight = 0.5;
    private (long AtUs, long DecodeUs, long Decoded, long DoorUs, long Entered) _last;

    /// <summary>Share of the compute threads' time that decoding takes.</summary>
    public double Load { get; private set; }

    /// <summary>Mean share of the shortest SLO that passes at the ingress and in decoding, 0..1.</summary>
    public double SloShare { get; private set; }

    public void Look(long nowUs)
    {
        if (nowUs - _last.AtUs < SpanUs)
            return;
        var now = (AtUs: nowUs, DecodeUs: metrics.DecodeUs.Sum, Decoded: metrics.DecodeUs.Count, DoorUs: metrics.DoorUs.Sum, Entered: metrics.DoorUs.Count);
        var load = (now.DecodeUs - _last.DecodeUs) / ((double)threads * (nowUs - _last.AtUs));
        var decodeUs = (now.DecodeUs - _last.DecodeUs) / (double)Math.Max(1, now.Decoded - _last.Decoded);
        var doorUs = (now.DoorUs - _last.DoorUs) / (double)Math.Max(1, now.Entered - _last.Entered);
        Load = Math.Clamp(Load + (Weight * (load - Load)), 0, Most);
        SloShare = Math.Clamp(SloShare + (Weight * (((decodeUs + doorUs) / sloUs) - SloShare)), 0, Most);
        _last = now;
    }
}
