using ServerlessLoki.Control;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Outcomes of one pipeline in the current control period, which head-room follows.</summary>
internal sealed class PeriodMeter
{
    private readonly LatencyHistogram _latency = new();
    private long _demand;
    private long _came;
    private int _lost;

    public void Ended(SimulatedOutcome outcome, long latencyUs, bool isPatient)
    {
        if (outcome != SimulatedOutcome.OnTime)
            _lost++;
        else if (!isPatient)
            _latency.Add(latencyUs);
    }

    /// <summary>Ends the period and returns its outcome.</summary>
    public PeriodOutcome End(long sloUs, long came, long demand, double seconds)
    {
        var (fresh, arrivals) = (demand - _demand, came - _came);
        var outcome = new PeriodOutcome(_latency.Quantile(0.5), sloUs, fresh / seconds, PeriodOutcome.Believed(_lost, arrivals, fresh) / seconds);
        _latency.Clear();
        (_demand, _came, _lost) = (demand, came, 0);
        return outcome;
    }
}
