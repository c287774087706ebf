using System.Collections.Immutable;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Run of one policy under one seed.</summary>
/// <param name="Seed">Seed of traffic, fan-out and noise.</param>
/// <param name="Result">Result of the simulation.</param>
/// <param name="WarmUp">Begin of the measurement window.</param>
/// <param name="PlanTimesMs">Real time of each plan, milliseconds; empty where it was not measured.</param>
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

    /// <summary>Share of rows that variants gave up in all rows given up and served: the stage-level ratio of Loki's artifact (HPDC 2024);
    /// NaN without rows.</summary>
    public double StageDropShare
    {
        get
        {
            var lost = Result.Stages.Sum(s => s.GivenUp);
            return lost / (double)(lost + Result.Stages.Sum(s => s.Rows));
        }
    }
}
