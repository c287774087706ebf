using ServerlessLoki.Planning;

namespace ServerlessLoki.Simulation.Events;

/// <summary>How one pipeline does between two control periods: what head-room follows.</summary>
internal sealed class PeriodMeter
{
    private readonly LatencyHistogram _latency = new();
    private long _arrivals;
    private int _lost;

    public void Ended(SimulatedOutcome outcome, long latencyUs, bool isPatient)
    {
        if (outcome != SimulatedOutcome.OnTime)
            _lost++;
        else if (!isPatient)
            _latency.Add(latencyUs);
    }

    /// <summary>Ends the period.</summary>
    public PeriodOutcome End(long sloUs, long arrivals, double seconds)
    {
        var outcome = new PeriodOutcome(_latency.Quantile(0.5), sloUs, (arrivals - _arrivals) / seconds, _lost / seconds);
        _latency.Clear();
        (_arrivals, _lost) = (arrivals, 0);
        return outcome;
    }
}
