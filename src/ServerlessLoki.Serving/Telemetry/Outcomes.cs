using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Sums over outcomes.</summary>
internal static class Outcomes
{
    public static QueryOutcome[] All { get; } = Enum.GetValues<QueryOutcome>();

    /// <summary>Counts the queries that ended without an answer.</summary>
    public static long Lost(PipelineMetrics metrics) =>
        All.Where(o => o != QueryOutcome.Completed).Sum(metrics.Count);

    /// <summary>Computes the share of the queries that were answered within their own deadlines; 1 before any ended. Cancelled,
    /// invalid and malformed queries are left out.</summary>
    public static double DeadlineAttainment(PipelineMetrics metrics) => Share(metrics, metrics.Count(QueryOutcome.Completed));

    /// <summary>Computes the share of the queries that were answered within the SLO, whatever their callers asked for; 1 before any ended.
    /// Cancelled, invalid and malformed queries are left out.</summary>
    public static double SloAttainment(PipelineMetrics metrics) => Share(metrics, metrics.Count(QueryOutcome.Completed) - metrics.BeyondSlo);

    /// <remarks>Cancelled, invalid and malformed queries are left out, since they say nothing about the server.</remarks>
    private static double Share(PipelineMetrics metrics, long answered)
    {
        var missed = Lost(metrics) - metrics.Count(QueryOutcome.Cancelled) - metrics.Count(QueryOutcome.Invalid) - metrics.Count(QueryOutcome.Malformed);
        var all = metrics.Count(QueryOutcome.Completed) + missed;
        return all == 0 ? 1 : (double)answered / all;
    }

    /// <summary>Computes the mean expected accuracy of completed queries; NaN before the first.</summary>
    public static double Accuracy(PipelineMetrics metrics) => metrics.AccuracySum / metrics.Count(QueryOutcome.Completed);
}
