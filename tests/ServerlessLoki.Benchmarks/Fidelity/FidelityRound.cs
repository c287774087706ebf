using ServerlessLoki.Cli.Load;
using ServerlessLoki.Serving;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>One stretch of arrivals, live and simulated.</summary>
/// <param name="Live">What the load generator saw.</param>
/// <param name="Simulated">What it would have seen; the median over seeds.</param>
/// <param name="WireMs">Mean time between client and engine, milliseconds.</param>
/// <param name="Pace">Real over expected batch times by variant.</param>
/// <param name="LiveRows">Mean rows per batch by variant.</param>
/// <param name="SimulatedRows">The same of the last seed.</param>
internal sealed record FidelityRound(
    Figures Live, Figures Simulated, double WireMs, Dictionary<string, double> Pace,
    (string Variant, double Rows)[] LiveRows, Dictionary<string, double> SimulatedRows)
{
    private const int Seeds = 9;

    /// <summary>Sends the arrivals, then simulates them with what the host counted meanwhile.</summary>
    public static async Task<FidelityRound> RunAsync(
        IServingEngine engine, HttpLoadTarget target, Cli.Load.Arrival[] schedule, SimulationProblem simulation, double sloMs)
    {
        var expected = simulation.Cluster.Profile;
        var before = HostTimes.Now(engine);
        var watch = new PaceWatch(engine);
        var records = await watch.DuringAsync(new LoadGenerator(target, TimeProvider.System).RunAsync(schedule, 3, CancellationToken.None));
        var after = HostTimes.Now(engine);
        var pace = watch.Factors(expected);
        var wireMs = records.Where(r => r.Completed).Average(r => r.LatencyMs) - after.MeanQueryMs(before);
        var (figures, rows) = Simulate(
            simulation with
            {
                Arrivals = Arrivals.Recorded(schedule.Select(a => a.AtUs)),
                TrueProfile = expected.Scale((variant, _) => pace.GetValueOrDefault(variant, pace.Values.Average())),
            },
            wireMs, sloMs);
        return new FidelityRound(Figures.Of(records, sloMs), figures, wireMs, pace, [.. after.RowsPerBatch(before)], rows);
    }

    private static (Figures Figures, Dictionary<string, double> Rows) Simulate(SimulationProblem problem, double wireMs, double sloMs)
    {
        var figures = new List<Figures>();
        SimulationResult? result = null;
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            var queries = new List<QueryRecord>();
            result = Simulator.Run(problem with
            {
                Options = problem.Options with { Seed = seed },
                OnQuery = (in QueryRecord query) => queries.Add(query),
            });
            figures.Add(Figures.Of(queries, wireMs, sloMs));
        }

        var tasks = problem.Cluster.Pipelines[0].Pipeline.Tasks;
        return (Figures.Middle(figures), result!.Stages.Where(s => s.Batches > 0)
            .ToDictionary(s => tasks[s.Task].Variants[s.Variant].Name, s => s.MeanBatch, StringComparer.Ordinal));
    }
}
