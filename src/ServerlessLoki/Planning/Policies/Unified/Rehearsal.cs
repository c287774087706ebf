using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Traffic to try plans on: the arrivals seen lately, sped up or slowed down to the demand that is planned for, with child counts and batch times
/// that vary as measured.</summary>
/// <remarks>Every plan meets the same draws, and the plans that are compared with one that sheds begin with the same full queues. Where the rows allow it they are drawn under several seeds. Bursts of up to two seconds stay as they were; longer swings are the forecast's business and are taken out, or a rise over
/// the last minute would count twice. Where too little was seen, independent arrivals stand in.</remarks>
internal sealed class Rehearsal
{
    // Fewer would take the chance out of independent arrivals too.
    private const int LeastBlock = 200;
    private const int LeastSeen = 32;
    private const double LeastSeconds = 0.1;
    private const double MostSeconds = 8;

    /// <summary>Fewest queries of a pipeline in a rehearsal: with fewer the late share is chance. Slow traffic is replayed for
    /// longer.</summary>
    private const double LeastQueries = 600;
    private const double MostSecondsOfSlow = 200;
    private const double WarmUpShare = 0.1;

    /// <summary>Fast traffic draws so many numbers in one replay that another seed would tell nothing new; slow traffic leaves rows for more.</summary>
    private const int MostSeeds = 4;

    /// <summary>Distance from the allowed misses at which no further seed is drawn, in standard deviations of a Poisson count.</summary>
    private const double Decided = 2;

    /// <summary>Batches that vary more are a machine that others use, not noise.</summary>
    private const double MostSpread = 1;
    private readonly PlanningProblem _problem;
    private readonly ImmutableArray<Arrival> _arrivals;
    private readonly TimeSpan _length;
    private readonly ImmutableArray<int> _atOnce;
    private readonly ImmutableArray<SimulationOptions> _runs;

    public Rehearsal(PlanningProblem problem, int mostRows)
    {
        _problem = problem;
        var rowsPerSecond = problem.Pipelines.Sum(p => p.DemandQps * RowsPerQuery(p));
        var slowest = problem.Pipelines.Where(p => p.DemandQps > 0).Select(p => p.DemandQps).DefaultIfEmpty(1).Min();
        var seconds = Math.Clamp(mostRows / Math.Max(1, rowsPerSecond), LeastSeconds, Math.Clamp(LeastQueries / slowest, MostSeconds, MostSecondsOfSlow));
        var merged = Enumerable.Range(0, problem.Pipelines.Length).SelectMany(p => Sample(p, seconds)).OrderBy(a => a.AtUs).ThenBy(a => a.Pipeline);
        _arrivals = [.. merged];
        _length = TimeSpan.FromSeconds(seconds);
        // As many queries as come within the objective; admission refuses what no queue can hold. No more than the rows of a replay allow.
        _atOnce = [.. problem.Pipelines.Select(p => (int)Math.Min(p.DemandQps * p.Pipeline.SloUs * 1e-6, mostRows / (RowsPerQuery(p) * problem.Pipelines.Length)))];
        // The measured slow-down is one of means, and so must the noise around it be.
        var spread = Math.Min(MostSpread, problem.ServiceSpread ?? 0);
        var options = new SimulationOptions
        {
            WarmUp = TimeSpan.FromSeconds(seconds * WarmUpShare), Drain = TimeSpan.FromSeconds(2),
            HopLatency = problem.HopTime, Noise = new ServiceNoise(spread), Slowdown = Math.Exp(-spread * spread / 2),
        };
        var seeds = (int)Math.Clamp(mostRows / Math.Max(1, rowsPerSecond * seconds), 1, MostSeeds);
        _runs = [.. Enumerable.Range(1, seeds).Select(s => options with { Seed = (ulong)s })];
    }

    /// <summary>Replays the traffic on a plan, once for each seed.</summary>
    /// <param name="plan">Plan to try.</param>
    /// <param name="beside">Plan that it is compared with; null = none.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    public ImmutableArray<SimulationResult> Try(Plan plan, Plan? beside, CancellationToken cancellationToken) => Try(plan, beside, null, cancellationToken);

    /// <summary>Replays the traffic on a plan, once for each seed, until it is clear whether the plan holds.</summary>
    /// <param name="plan">Plan to try.</param>
    /// <param name="beside">Plan that it is compared with; null = none.</param>
    /// <param name="missedShare">Share of the queries that may miss their deadline; null = all seeds are drawn. A plan that sheds meets them all, since how
    /// much it serves is compared.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    /// <remarks>A pipeline that either plan sheds begins with full queues: they fill so slowly that the replay would end before anything was
    /// refused, and they are full where the plan is to run.</remarks>
    public ImmutableArray<SimulationResult> Try(Plan plan, Plan? beside, double? missedShare, CancellationToken cancellationToken)
    {
        ImmutableArray<Arrival> full =
            [.. _atOnce.SelectMany((count, p) => plan.ServedShare[p] < 1 || beside?.ServedShare[p] < 1 ? Enumerable.Repeat(new Arrival(0, p), count) : [])];
        var arrivals = new RecordedArrivals(full.IsEmpty ? _arrivals : [.. full, .. _arrivals], _length);
        var results = ImmutableArray.CreateBuilder<SimulationResult>(_runs.Length);
        foreach (var run in _runs)
        {
            results.Add(Simulator.Estimate(_problem, plan, arrivals, run, cancellationToken));
            if (missedShare is { } allowed && full.IsEmpty && IsDecided(results, allowed))
                break;
        }

        return results.DrainToImmutable();
    }

    private bool IsDecided(ImmutableArray<SimulationResult>.Builder results, double missedShare)
    {
        for (var p = 0; p < _problem.Pipelines.Length; p++)
        {
            var allowed = missedShare * results.Sum(r => r.Pipelines[p].Arrivals);
            var missed = results.Sum(r => r.Pipelines[p].Violation * r.Pipelines[p].Arrivals);
            if (allowed > 0 && Math.Abs(missed - allowed) < Decided * Math.Sqrt(allowed))
                return false;
        }

        return true;
    }

    /// <summary>Computes the rows that one query of the most accurate variants becomes, over all stages.</summary>
    private static double RowsPerQuery(PipelineDemand demand) => VisitRows.MostAccurate(demand).Sum();

    private IEnumerable<Arrival> Sample(int pipeline, double seconds)
    {
        var qps = _problem.Pipelines[pipeline].DemandQps;
        var seen = Seen(_problem.Recent, pipeline);
        return qps <= 0 ? [] : seen.Count < LeastSeen ? Independent(pipeline, qps, seconds) : Paced(seen, _problem.Recent!, qps, seconds);
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

    private static IEnumerable<Arrival> Independent(int pipeline, double qps, double seconds)
    {
        var stream = Arrivals.Poisson(qps, TimeSpan.FromSeconds(seconds), pipeline).Open(seed: (ulong)pipeline + 1);
        while (stream.TryNext(out var arrival))
            yield return arrival;
    }

    /// <summary>Makes the arrivals: the newest ones in blocks, each stretched to the demand, repeated from the start when there are too
    /// few.</summary>
    private static IEnumerable<Arrival> Paced(List<Arrival> seen, ArrivalWindow window, double qps, double seconds)
    {
        var wanted = Math.Max(1, (int)(qps * seconds));
        var least = Math.Max(LeastBlock, (int)(qps * ArrivalBlock.StretchSeconds));
        var beginUs = 0.0;
        for (var given = 0; given < wanted;)
        {
            foreach (var block in ArrivalBlock.Of(seen, window.FromUs, window.NowUs, least))
            {
                var lengthUs = block.Count / qps * 1e6;
                var stretch = lengthUs / Math.Max(1, block.ToUs - block.FromUs);
                for (var i = block.First; i < block.First + block.Count && given < wanted; i++, given++)
                    yield return seen[i] with { AtUs = (long)(beginUs + ((seen[i].AtUs - block.FromUs) * stretch)) };
                beginUs += lengthUs;
            }
        }
    }
}
