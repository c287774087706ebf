using System.Collections.Immutable;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>One policy under one seed.</summary>
/// <param name="Seed">Seed of traffic, fan-out and noise.</param>
/// <param name="Result">What was simulated.</param>
/// <param name="WarmUp">Where the measurement window begins.</param>
/// <param name="PlanTimesMs">Real time that each plan took to make, milliseconds; empty where nobody measured.</param>
public sealed record PolicyRun(ulong Seed, SimulationResult Result, TimeSpan WarmUp, ImmutableArray<double> PlanTimesMs)
{
    /// <summary>Most slots in use at the end of any second of the measurement window.</summary>
    public int MaxServers
    {
        get
        {
            var (from, to) = ((int)WarmUp.TotalSeconds, (int)((WarmUp.TotalMicroseconds + Result.WindowUs) / 1e6));
            return Result.Seconds.Skip(from).Take(Math.Max(1, to - from)).Select(s => s.Servers).DefaultIfEmpty().Max();
        }
    }

    /// <summary>Rows that variants gave up, over rows given up and served: the stage-level ratio of Loki's artifact (HPDC 2024); NaN without rows.</summary>
    public double StageDropShare
    {
        get
        {
            var lost = Result.Stages.Sum(s => s.GivenUp);
            return lost / (double)(lost + Result.Stages.Sum(s => s.Rows));
        }
    }
}
