using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Published plan with the problem that it answers in this process.</summary>
internal sealed record PublishedPlan(PlanDocument Document, PlanningProblem Problem, string StoreVersion);

/// <summary>Follower of the published plan and of the workers' reports, which makes the routes from both. Updated by one loop, read by
/// all.</summary>
internal sealed class PlanFollower(IStateStore state, PipelineIndex index, TimeProvider time)
{
    /// <summary>Age from which a worker's last report no longer counts.</summary>
    private static readonly TimeSpan ReportAge = TimeSpan.FromSeconds(4);
    private PublishedPlan? _before;
    private ImmutableHashSet<VariantId> _served = [];

    /// <summary>Plan in force; null before the first.</summary>
    public PublishedPlan? Current { get; private set; }

    /// <summary>Routes over the variants that workers serve; null before the first plan.</summary>
    public RoutingTable? Table { get; private set; }

    /// <summary>The last report of each worker that is alive.</summary>
    public ImmutableArray<WorkerReport> Workers { get; private set; } = [];

    /// <summary>Reason why the last look did not succeed; null when it did.</summary>
    public string? Fault { get; private set; }

    public bool IsServed(VariantId id) => _served.Contains(id);

    /// <summary>Returns why plans leave a variant out; null where they do not.</summary>
    public string? FaultOf(string variant) =>
        Workers.Any(w => w.Unfit.Contains(variant, StringComparer.Ordinal)) ? SlotManager.NotNumbers : null;

    /// <summary>True when every task of every pipeline has a variant that a worker serves.</summary>
    public bool IsComplete => Current is not null
        && index.Pipelines.Select((p, i) => p.Tasks.All(t => _served.Any(s => s.Pipeline == i && s.Task == t.Index))).All(c => c);

    /// <summary>Reads plan and reports; on any fault the last known state stays.</summary>
    /// <returns>True if plan or routes changed.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var stored = await state.ReadDocumentAsync(PlanDocument.Name, cancellationToken);
        var samples = await state.SamplesAsync(WorkerReport.Series, time.GetUtcNow() - ReportAge, cancellationToken);
        Workers = [.. samples.GroupBy(s => s.Source, StringComparer.Ordinal).Select(g => StateJson.Read<WorkerReport>(g.Last().Json)).OfType<WorkerReport>()];
        var served = Workers.SelectMany(w => w.Serving).Select(s => index.TryFind(s.Pipeline, s.Task, s.Variant)).OfType<VariantId>().ToImmutableHashSet();
        var isNew = stored is not null && stored.Version != Current?.StoreVersion;
        if (!isNew && (Current is null || served.SetEquals(_served)))
            return false;
        if (isNew)
        {
            try
            {
                var document = PlanDocument.Parse(stored!.Json);
                var published = new PublishedPlan(document, document.ToProblem(index.Pipelines), stored.Version);
                if (document.Plan.Version != Current?.Document.Plan.Version)
                    _before = Current;
                Current = published;
                Fault = null;
            }
            catch (FormatException exception)
            {
                Fault = exception.Message;
                if (Current is null)
                    return false;
            }
        }

        _served = served;
        Table = RoutingTable.Build(Current!.Problem, Current.Document.Plan with { Slots = SharedRoutes.Of(Current, _before, served) });
        return true;
    }
}
