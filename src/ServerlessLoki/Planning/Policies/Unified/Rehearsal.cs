using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Traffic to try plans on: the arrivals seen lately, sped up or slowed down to the demand that is planned for.</summary>
/// <remarks>Bursts of up to two seconds stay as they were; longer swings are the forecast's business and are taken out, or a rise over
/// the last minute would count twice. Where too little was seen, independent arrivals stand in.</remarks>
internal sealed class Rehearsal
{
    private const double BlockSeconds = 2;

    // Fewer would take the chance out of independent arrivals too.
    private const int LeastBlock = 200;
    private const int LeastSeen = 32;
    private const double LeastSeconds = 0.1;
    private const double MostSeconds = 8;
    private const double WarmUpShare = 0.1;
    private readonly PlanningProblem _problem;
    private readonly IArrivals _arrivals;
    private readonly SimulationOptions _options;

    public Rehearsal(PlanningProblem problem, int mostRows)
    {
        _problem = problem;
        var rowsPerSecond = problem.Pipelines.Sum(p => p.DemandQps * RowsPerQuery(p));
        var seconds = Math.Clamp(mostRows / Math.Max(1, rowsPerSecond), LeastSeconds, MostSeconds);
        var merged = Enumerable.Range(0, problem.Pipelines.Length).SelectMany(p => Sample(p, seconds)).OrderBy(a => a.AtUs).ThenBy(a => a.Pipeline);
        _arrivals = new RecordedArrivals([.. merged], TimeSpan.FromSeconds(seconds));
        _options = new SimulationOptions { WarmUp = TimeSpan.FromSeconds(seconds * WarmUpShare), Drain = TimeSpan.FromSeconds(2) };
    }

    /// <summary>What the plan would make of the traffic.</summary>
    public SimulationResult Try(Plan plan, CancellationToken cancellationToken) =>
        Simulator.Estimate(_problem, plan, _arrivals, _options, cancellationToken);

    /// <summary>Rows that one query of the most accurate variants becomes, over all stages.</summary>
    private static double RowsPerQuery(PipelineDemand demand) => VisitRows.MostAccurate(demand).Sum();

    private IEnumerable<Arrival> Sample(int pipeline, double seconds)
    {
        var qps = _problem.Pipelines[pipeline].DemandQps;
        var seen = Seen(_problem.Recent, pipeline);
        return qps <= 0 ? [] : seen.Count < LeastSeen ? StandIn(pipeline, qps, seconds) : Paced(seen, qps, seconds);
    }

    private static List<Arrival> Seen(ArrivalWindow? window, int pipeline)
    {
        var seen = new List<Arrival>();
        foreach (var arrival in window?.Arrivals ?? [])
        {
            if (arrival.Pipeline == pipeline)
                seen.Add(arrival);
        }

        return seen;
    }

    private static IEnumerable<Arrival> StandIn(int pipeline, double qps, double seconds)
    {
        var stream = Arrivals.Poisson(qps, TimeSpan.FromSeconds(seconds), pipeline).Open(seed: (ulong)pipeline + 1);
        while (stream.TryNext(out var arrival))
            yield return arrival;
    }

    /// <summary>The newest arrivals in blocks, each stretched to the time that the demand gives so many; from the front again when there are
    /// too few.</summary>
    private static IEnumerable<Arrival> Paced(List<Arrival> seen, double qps, double seconds)
    {
        var wanted = Math.Max(1, (int)(qps * seconds));
        var size = Math.Max(LeastBlock, (int)(qps * BlockSeconds));
        var beginUs = 0.0;
        var last = seen.Count;
        for (var given = 0; given < wanted;)
        {
            var first = Math.Max(1, last - size);
            var count = last - first;
            var fromUs = seen[first - 1].AtUs;
            var stretch = count / qps * 1e6 / Math.Max(1, seen[last - 1].AtUs - fromUs);
            for (var i = first; i < last && given < wanted; i++, given++)
                yield return seen[i] with { AtUs = (long)(beginUs + ((seen[i].AtUs - fromUs) * stretch)) };
            beginUs += count / qps * 1e6;
            last = first > 1 + (LeastBlock / 2) ? first : seen.Count;
        }
    }
}
