using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Control;

/// <summary>What the door takes from the plan: decoding is load on the compute threads, and time before the root stage. Used by the control
/// loop only.</summary>
/// <param name="metrics">Where times at the door are counted.</param>
/// <param name="sloUs">The shortest SLO.</param>
/// <param name="threads">Compute threads.</param>
internal sealed class DoorWatch(ServingMetrics metrics, long sloUs, int threads)
{
    /// <summary>A plan for less than a fifth of the machine would not be carried out better than none.</summary>
    private const double Most = 0.8;

    /// <summary>How long is looked at once: shorter spans are chance.</summary>
    private const long SpanUs = 1_000_000;
    private const double Weight = 0.5;
    private (long AtUs, long DecodeUs, long Decoded, long DoorUs, long Entered) _last;

    /// <summary>Share of the compute threads' time that decoding takes.</summary>
    public double Load { get; private set; }

    /// <summary>Share of the shortest SLO that passes at the door and in decoding, on the mean.</summary>
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
