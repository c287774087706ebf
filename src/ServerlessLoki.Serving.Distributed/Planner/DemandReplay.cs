using System.Collections.Immutable;
using ServerlessLoki.Control;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Distributed.State;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>State of the control loop, rebuilt from the recent reports of all instances, so that any instance may plan, with the same
/// forecast.</summary>
internal sealed class DemandReplay
{
    private const long SecondUs = 1_000_000;
    private readonly ImmutableArray<FanOutEstimator> _fanOut;
    private readonly long[] _arrivals;

    private DemandReplay(ControlCycle cycle, ArrivalWindow recent, TimeSpan loadTime, ImmutableArray<FanOutEstimator> fanOut, long[] arrivals) =>
        (Cycle, Recent, LoadTime, _fanOut, _arrivals) = (cycle, recent, loadTime, fanOut, arrivals);

    /// <summary>Current forecasts, slow-down and head-room.</summary>
    public ControlCycle Cycle { get; }

    /// <summary>Recent arrivals on the wall clock, microseconds since 1970.</summary>
    public ArrivalWindow Recent { get; }

    /// <summary>Time that the slowest worker's slots need to load a variant; zero where none has reported it yet.</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>True if any query arrived recently.</summary>
    public bool HasDemand => _arrivals.Any(a => a > 0);

    /// <summary>Returns the queries of a pipeline in all the seconds that were read, refused ones included.</summary>
    public long Arrivals(int pipeline) => _arrivals[pipeline];

    /// <summary>Returns the demand to plan for, queries per second: 0 for a pipeline without recent arrivals, whatever the plan in force
    /// was made for.</summary>
    public double DemandQps(int pipeline) => _arrivals[pipeline] > 0 ? Cycle.ForecastQps(pipeline) : 0;

    public FanOut FanOut(int pipeline) => _fanOut[pipeline].Current;

    /// <summary>Replays the seconds that have ended.</summary>
    /// <param name="pipelines">All pipelines.</param>
    /// <param name="forecaster">Makes a pipeline's forecaster.</param>
    /// <param name="before">Plan in force, whose demand is expected at first, and whose fan-out until another was seen; null =
    /// none.</param>
    /// <param name="demand">Reports of ingresses, oldest first.</param>
    /// <param name="workers">Reports of workers, oldest first.</param>
    /// <param name="now">Current time; the current second has not ended and is left out.</param>
    /// <param name="recent">Length of the history of arrivals to return.</param>
    public static DemandReplay Of(
        ImmutableArray<Pipeline> pipelines, Func<IDemandForecaster> forecaster, PublishedPlan? before, IReadOnlyList<Reported<DemandReport>> demand, IReadOnlyList<Reported<WorkerReport>> workers,
        DateTimeOffset now, TimeSpan recent)
    {
        var cycle = new ControlCycle(pipelines.Select((_, p) => (forecaster(), before?.Document.Plan.DemandQps[p] ?? 0)), SecondUs);
        var fanOut = pipelines.Select((p, i) => new FanOutEstimator(p, before?.Problem.Pipelines[i].FanOut)).ToImmutableArray();
        var end = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var bySecond = demand.Where(s => s.Second < end).ToLookup(s => s.Second, s => s.Report);
        var slowdowns = workers.ToLookup(s => s.Second, s => s.Report);
        var loadUs = workers.GroupBy(s => s.Report.Worker, StringComparer.Ordinal).Select(w => w.Last().Report.LoadUs).DefaultIfEmpty(0).Max();
        var arrivals = new List<Arrival>();
        var totals = new long[pipelines.Length];
        var first = bySecond.Select(s => s.Key).DefaultIfEmpty(end).Min();
        var fromUs = Math.Max(Us(first), Us(end) - (long)recent.TotalMicroseconds);
        cycle.Start(Us(first));
        for (var second = first; second < end; second = second.AddSeconds(1))
        {
            foreach (var report in slowdowns[second])
                cycle.Slowdown.Observe(new BatchTimes(report.ActualUs, report.ExpectedUs, report.Batches, report.LogUs, report.SquaredLogUs));
            var outcomes = new PeriodOutcome[pipelines.Length];
            for (var p = 0; p < pipelines.Length; p++)
            {
                var reports = bySecond[second].SelectMany(r => r.Pipelines).Where(r => r.Name == pipelines[p].Name).ToList();
                totals[p] += reports.Sum(r => r.Arrivals);
                outcomes[p] = new PeriodOutcome(
                    reports.Select(r => r.MedianUs).DefaultIfEmpty(0).Max(), pipelines[p].SloUs, reports.Sum(r => r.Arrivals), reports.Sum(r => r.Lost));
                foreach (var report in reports)
                {
                    Learn(fanOut[p], pipelines[p], report);
                    if (Us(second) + SecondUs > fromUs)
                        AddArrivals(arrivals, report, p, Us(second));
                }
            }

            cycle.Look(Us(second.AddSeconds(1)), totals);
            cycle.Observe(outcomes, before?.Document.Plan);
        }

        return new DemandReplay(
            cycle, new ArrivalWindow(fromUs, Us(end), [.. arrivals.Where(a => a.AtUs >= fromUs).OrderBy(a => a.AtUs)]), TimeSpan.FromMicroseconds(loadUs), fanOut, totals);
    }

    private static long Us(DateTimeOffset time) => time.ToUnixTimeMilliseconds() * 1000;

    private static void Learn(FanOutEstimator estimator, Pipeline pipeline, PipelineDemandReport report)
    {
        for (var edge = 0; edge < Math.Min(pipeline.Edges.Length, Math.Min(report.Parents.Length, report.Children.Length)); edge++)
        {
            var variants = pipeline.Tasks[pipeline.Edges[edge].From].Variants.Length;
            for (var v = 0; v < Math.Min(variants, Math.Min(report.Parents[edge].Length, report.Children[edge].Length)); v++)
            {
                var (parents, children) = (Math.Max(0, report.Parents[edge][v]), Math.Max(0, report.Children[edge][v]));
                if (edge < report.Squares.Length && v < report.Squares[edge].Length)
                    estimator.Observe(edge, v, parents, children, Math.Max(0, report.Squares[edge][v]));
                else
                    estimator.Observe(edge, v, parents, children);
            }
        }
    }

    /// <summary>Adds the arrivals of a second. Where a sample holds only some of them, the others are spread like those.</summary>
    private static void AddArrivals(List<Arrival> arrivals, PipelineDemandReport report, int pipeline, long secondUs)
    {
        for (var i = 0L; i < report.Arrivals && report.AtUs.Length > 0; i++)
            arrivals.Add(new Arrival(secondUs + Math.Clamp(report.AtUs[(int)(i * report.AtUs.Length / report.Arrivals)], 0, SecondUs - 1), pipeline));
    }
}
