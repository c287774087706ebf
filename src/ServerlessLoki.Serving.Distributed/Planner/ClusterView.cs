using System.Collections.Immutable;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>What a cluster looks like from its state store, for operators.</summary>
/// <param name="Plan">Plan in force; null before the first.</param>
/// <param name="Leader">Planner that leads; null when none does.</param>
/// <param name="Workers">Workers that are registered, by device and id.</param>
public sealed record ClusterView(PlanDocument? Plan, string? Leader, ImmutableArray<SeenWorker> Workers)
{
    private static readonly TimeSpan ReportAge = TimeSpan.FromMinutes(1);

    /// <summary>Reads the store.</summary>
    /// <exception cref="FormatException">The plan in force was made by another release.</exception>
    public static async Task<ClusterView> ReadAsync(IStateStore state, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        var plan = await state.FindDocumentAsync(PlanDocument.Name, cancellationToken);
        var leaders = await state.LeasesAsync(LeadingPlanner.Place, now, cancellationToken);
        var registered = await state.LeasesAsync(WorkerReport.LeasePrefix, now, cancellationToken);
        var reports = (await state.SamplesAsync(WorkerReport.Series, now - ReportAge, cancellationToken)).GroupBy(s => s.Source, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        return new ClusterView(
            plan is null ? null : PlanDocument.Parse(plan), leaders is [var leader, ..] ? leader.Owner : null,
            [
                .. registered.Select(r => reports.TryGetValue(r.Owner, out var last) && StateJson.Read<WorkerReport>(last.Json) is { } report
                        ? new SeenWorker(report, now - last.Second)
                        : null)
                    .OfType<SeenWorker>().OrderBy(w => w.Report.Device, StringComparer.Ordinal).ThenBy(w => w.Report.Worker, StringComparer.Ordinal),
            ]);
    }
}

/// <summary>Worker with its last report.</summary>
/// <param name="Report">Last report.</param>
/// <param name="Age">Age of the report, to the second.</param>
public sealed record SeenWorker(WorkerReport Report, TimeSpan Age);
