using ServerlessLoki.Forecasting;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Events;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>One stretch of arrivals, live and simulated.</summary>
/// <param name="Live">What the load generator saw.</param>
/// <param name="Simulated">What it would have seen; the median over seeds.</param>
/// <param name="QueryMs">Core time of a query beside its batches.</param>
/// <param name="Pace">Core time of real batches over their profile, by variant.</param>
/// <param name="Busy">Share of time that a compute thread had a batch in hand, simulated.</param>
/// <param name="SimulatedRows">Mean rows per batch by variant, of the last seed.</param>
internal sealed record FidelityRound(
    Figures Live, Figures Simulated, double QueryMs, Dictionary<string, double> Pace, double Busy, Dictionary<string, double> SimulatedRows)
{
    private const int Seeds = 9;

    /// <summary>Simulates the arrivals of a round with the core time that batches and queries took in it.</summary>
    /// <param name="live">What was served.</param>
    /// <param name="simulation">Plan, fan-out, rules.</param>
    /// <param name="profile">Latencies as profiled.</param>
    /// <param name="quiet">What the host takes without load.</param>
    public static FidelityRound Of(LiveRound live, SimulationProblem simulation, LatencyProfile profile, QuietHost quiet)
    {
        var sloMs = simulation.Cluster.Pipelines[0].Pipeline.SloUs / 1000.0;
        var queryMs = live.QueryMs(quiet.IdleShare);
        var pace = live.After.Over(live.Before, profile).ToDictionary(v => v.Variant, v => v.Ratio * live.CoresPerBatchTime, StringComparer.Ordinal);
        var each = TimeSpan.FromMilliseconds(queryMs / 2);
        // The host comes from a round like this one, with what its control loop learnt there.
        var lead = TimeSpan.FromMilliseconds(live.Cores.Clock);
        var sent = live.Sent.Select(r => new Arrival(r.SentUs, Record: r.Body)).ToList();
        var problem = simulation with
        {
            Cluster = simulation.Cluster with { Profile = profile.Scale((_, _) => live.Slowdown), Headroom = 1 },
            // Each query when it really left, with the very scene that it sent.
            Arrivals = new RecordedArrivals([.. sent, .. sent.Select(a => a with { AtUs = a.AtUs + (long)lead.TotalMicroseconds })]),
            TrueProfile = profile.Scale((variant, device) => pace.GetValueOrDefault(variant, pace.Values.Average()) / MeanOfNoise(profile, variant, device)),
            Options = simulation.Options with
            {
                HostCores = new HostCores((Environment.ProcessorCount * (1 - live.Cores.OthersShare)) - quiet.IdleShare, each, each),
                HopLatency = TimeSpan.FromMilliseconds(quiet.WakeMs),
                WarmUp = lead,
            },
        };
        // Between client and engine there is more than work: timers, wake-ups. What a lone query shows of them is added to each.
        var (figures, busy, rows) = Simulate(
            problem, [.. live.Sent.Select(r => (r.SentUs - r.IntendedUs) / 1000.0)], Math.Max(0, quiet.WireMs - queryMs), sloMs);
        return new FidelityRound(Figures.Of(live.Records, sloMs), figures, queryMs, pace, busy, rows);
    }

    // The pace is one of means; the simulator's noise has median 1, so that its mean is a little more.
    private static double MeanOfNoise(LatencyProfile profile, string variant, string device)
    {
        var sigma = Layout.Sigma(ServiceNoise.Profiled, profile, variant, device);
        return Math.Exp(sigma * sigma / 2);
    }

    private static (Figures Figures, double Busy, Dictionary<string, double> Rows) Simulate(
        SimulationProblem problem, double[] lateMs, double waitMs, double sloMs)
    {
        var figures = new List<Figures>();
        SimulationResult? result = null;
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            var queries = new List<QueryRecord>();
            result = Simulator.Run(problem with
            {
                Options = problem.Options with { Seed = seed },
                OnQuery = (in QueryRecord query) =>
                {
                    if (query.Sequence >= lateMs.Length)
                        queries.Add(query with { Sequence = query.Sequence - lateMs.Length });
                },
            });
            figures.Add(Figures.Of(queries, lateMs, waitMs, sloMs));
        }

        var tasks = problem.Cluster.Pipelines[0].Pipeline.Tasks;
        return (Figures.Middle(figures), result!.Utilization[0], result.Stages.Where(s => s.Batches > 0)
            .ToDictionary(s => tasks[s.Task].Variants[s.Variant].Name, s => s.MeanBatch, StringComparer.Ordinal));
    }
}
