using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Metrics;

namespace ServerlessLoki.Serving.Api;

/// <summary>Sums over outcomes.</summary>
internal static class Outcomes
{
    public static QueryOutcome[] All { get; } = Enum.GetValues<QueryOutcome>();

    /// <summary>Queries that ended without an answer.</summary>
    public static long Lost(PipelineMetrics metrics) =>
        All.Where(o => o != QueryOutcome.Completed).Sum(metrics.Count);

    /// <summary>Share of the queries that we were to answer which were answered in time; 1 before any ended.</summary>
    /// <remarks>Callers that left and requests that nobody could serve say nothing about us.</remarks>
    public static double Attainment(PipelineMetrics metrics)
    {
        var completed = metrics.Count(QueryOutcome.Completed);
        var missed = Lost(metrics) - metrics.Count(QueryOutcome.Cancelled) - metrics.Count(QueryOutcome.Invalid);
        return completed + missed == 0 ? 1 : (double)completed / (completed + missed);
    }

    /// <summary>Mean expected accuracy of completed queries; NaN before the first.</summary>
    public static double Accuracy(PipelineMetrics metrics) => metrics.AccuracySum / metrics.Count(QueryOutcome.Completed);
}
