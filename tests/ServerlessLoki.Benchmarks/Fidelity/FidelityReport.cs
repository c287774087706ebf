using System.Globalization;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>Prints both sides.</summary>
internal static class FidelityReport
{
    private const double MostP99Off = 0.15;
    private const double MostPointsOff = 2;

    public static void Head() => Console.WriteLine("rate              queries/s              p50 ms     p99 ms   in time");

    public static void Plan(string name, Plan plan, Pipeline pipeline) => Console.WriteLine(
        $"{name}: {string.Join(", ", plan.Slots.Select(s => $"{s.Replicas} × {pipeline.Tasks[s.Task].Variants[s.Variant].Name} ({s.Batch})"))}");

    /// <summary>Prints medians and what they are of; true if the promises hold.</summary>
    public static bool Rounds(double qps, IReadOnlyList<LiveRound> served, IReadOnlyList<FidelityRound> rounds, QuietHost quiet)
    {
        var (live, simulated) = (Figures.Middle([.. rounds.Select(r => r.Live)]), Figures.Middle([.. rounds.Select(r => r.Simulated)]));
        var (p99Off, pointsOff) = ((simulated.P99Ms / live.P99Ms) - 1, (simulated.Attainment - live.Attainment) * 100);
        Line($"  {"live",-12} {qps,12:0.0}    {live.P50Ms,10:0.0} {live.P99Ms,10:0.0} {live.Attainment,9:0.0%}");
        Line($"  {"simulated",-12} {qps,12:0.0}    {simulated.P50Ms,10:0.0} {simulated.P99Ms,10:0.0} {simulated.Attainment,9:0.0%}");
        Line($"  difference                   {(simulated.P50Ms / live.P50Ms) - 1,10:+0.0%;-0.0%} {p99Off,10:+0.0%;-0.0%} {pointsOff,9:+0.0;-0.0}   (promise: p99 within {MostP99Off:0 %}, {MostPointsOff} points)");
        Line($"  without load: {quiet.WireMs:0.00} ms between client and engine, {quiet.WakeMs:0.00} ms until a batch begins, {quiet.IdleShare:0.0%} of a core");
        for (var i = 0; i < rounds.Count; i++)
        {
            var (s, r) = (served[i], rounds[i]);
            Line($"    p99 {r.Live.P99Ms,6:0.0} / {r.Simulated.P99Ms,6:0.0} ms, in time {r.Live.Attainment:0.0%} / {r.Simulated.Attainment:0.0%}; a query's own work {r.QueryMs:0.00} ms, between client and engine {s.WireMs:0.00} ms, batches had a core {s.CoresPerBatchTime:0.0%} of their time, threads busy {s.Busy:0.0%} / {r.Busy:0.0%}, other processes {s.Cores.OthersShare:0.0%}, collector {s.Cores.PauseMs:0} ms");
        }

        Line($"  core time of batches over their profile in each round; rows per batch live and simulated (last round):");
        foreach (var (variant, rows) in served[^1].After.RowsPerBatch(served[^1].Before))
        {
            var paces = string.Join(" ", rounds.Select(r => r.Pace.GetValueOrDefault(variant, double.NaN).ToString("0.00", CultureInfo.InvariantCulture)));
            Line($"    {variant,-20} {paces} {rows,7:0.00} {rounds[^1].SimulatedRows.GetValueOrDefault(variant),6:0.00}");
        }

        return Math.Abs(p99Off) <= MostP99Off && Math.Abs(pointsOff) <= MostPointsOff;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
