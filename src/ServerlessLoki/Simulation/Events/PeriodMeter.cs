using ServerlessLoki.Planning;

namespace ServerlessLoki.Simulation.Events;

/// <summary>How one pipeline does between two control periods: what head-room follows.</summary>
internal sealed class PeriodMeter
{
    private readonly LatencyHistogram _latency = new();
    private long _demand;
    private int _lost;

    public void Ended(SimulatedOutcome outcome, long latencyUs, bool isPatient)
    {
        if (outcome != SimulatedOutcome.OnTime)
            _lost++;
        else if (!isPatient)
            _latency.Add(latencyUs);
    }

    /// <summary>Ends the period.</summary>
    public PeriodOutcome End(long sloUs, long demand, double seconds)
    {
        var outcome = new PeriodOutcome(_latency.Quantile(0.5), sloUs, (demand - _demand) / seconds, _lost / seconds);
        _latency.Clear();
        (_demand, _lost) = (demand, 0);
        return outcome;
    }
}
