namespace ServerlessLoki.Simulation.Events;

/// <summary>Counters of one pipeline's measured queries.</summary>
internal sealed class Tally
{
    public readonly LatencyHistogram Latency = new();
    public readonly long[] Outcomes = new long[6];
    public double AccuracySum;
    public double LatencySumUs;
    public long MaxLatencyUs;
    public double LeafAccuracySum;
    public long LeavesOnTime;
    public long LeavesLost;

    public void Ended(SimulatedOutcome outcome, long latencyUs, double accuracy)
    {
        Outcomes[(int)outcome]++;
        if (outcome > SimulatedOutcome.Late)
            return;
        Latency.Add(latencyUs);
        LatencySumUs += latencyUs;
        MaxLatencyUs = Math.Max(MaxLatencyUs, latencyUs);
        if (outcome == SimulatedOutcome.OnTime)
            AccuracySum += accuracy;
    }

    public void Add(Tally other)
    {
        Latency.Add(other.Latency);
        for (var i = 0; i < Outcomes.Length; i++)
            Outcomes[i] += other.Outcomes[i];
        AccuracySum += other.AccuracySum;
        LatencySumUs += other.LatencySumUs;
        MaxLatencyUs = Math.Max(MaxLatencyUs, other.MaxLatencyUs);
        LeafAccuracySum += other.LeafAccuracySum;
        LeavesOnTime += other.LeavesOnTime;
        LeavesLost += other.LeavesLost;
    }

    public SimulationMetrics Metrics(long windowUs)
    {
        var arrivals = Outcomes.Sum();
        var onTime = Outcomes[(int)SimulatedOutcome.OnTime];
        return new SimulationMetrics
        {
            Arrivals = arrivals,
            OnTime = onTime,
            Late = Outcomes[(int)SimulatedOutcome.Late],
            Rejected = Outcomes[(int)SimulatedOutcome.Rejected],
            Expired = Outcomes[(int)SimulatedOutcome.Expired],
            Failed = Outcomes[(int)SimulatedOutcome.Failed],
            Unfinished = Outcomes[(int)SimulatedOutcome.Unfinished],
            EffectiveAccuracy = AccuracySum / onTime,
            AccuracyOverAll = arrivals == 0 ? double.NaN : AccuracySum / arrivals,
            LeafAccuracy = LeafAccuracySum / LeavesOnTime,
            LeafAttainment = (double)LeavesOnTime / (LeavesOnTime + LeavesLost),
            GoodputQps = windowUs == 0 ? 0 : onTime * 1e6 / windowUs,
            MeanLatencyUs = LatencySumUs / Latency.Count,
            P50Us = Latency.Quantile(0.5),
            P90Us = Latency.Quantile(0.9),
            P99Us = Latency.Quantile(0.99),
            MaxLatencyUs = MaxLatencyUs,
        };
    }
}
