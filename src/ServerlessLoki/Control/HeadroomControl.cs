namespace ServerlessLoki.Control;

/// <summary>Closes the loop between plan and outcome: where queries lose time or get lost although the plan fits, plans need more head-room.</summary>
/// <remarks>A plan counts what the models cost. What else the machine does (requests, decoding, neighbours) shows only in the
/// queues. Raised at once by a fixed ratio, given back slowly; not thread-safe, one control loop owns it.</remarks>
internal sealed class HeadroomControl
{
    /// <summary>A median latency above this share of the SLO means queues that do not drain: with half the SLO for processing and half
    /// for queueing (Loki, latency constraint) a plan that holds stays well below.</summary>
    public const double MedianLimit = 0.3;

    /// <summary>Queries refused or expired above this share mean the plan does not hold.</summary>
    public const double LostLimit = 0.01;
    private const double Raise = 1.25;
    private const double GiveBack = 0.9;
    private const double Most = 4;

    /// <summary>Factor on planned latencies; 1..4.</summary>
    public double Factor { get; private set; } = 1;

    /// <summary>Reads one control period of the pipeline that did worst.</summary>
    /// <param name="medianShare">Median latency divided by the SLO; NaN when nothing was answered.</param>
    /// <param name="lostShare">Refused and expired queries divided by arrivals, 0..1.</param>
    /// <param name="planSheds">True if the plan itself sheds load: losses are then intended, and head-room would only shed more.</param>
    public void Observe(double medianShare, double lostShare, bool planSheds)
    {
        var strained = medianShare > MedianLimit || lostShare > LostLimit;
        Factor = strained && !planSheds ? Math.Min(Most, Factor * Raise) : Math.Max(1, Factor * GiveBack);
    }
}
