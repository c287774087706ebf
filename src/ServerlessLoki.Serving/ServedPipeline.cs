using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving;

/// <summary>Pipeline as an engine serves it: found once by its name (<see cref="IServingEngine.Find"/>), then passed on.</summary>
/// <param name="pipeline">Validated graph.</param>
public abstract class ServedPipeline(Pipeline pipeline)
{
    /// <summary>Validated graph of the pipeline.</summary>
    public Pipeline Pipeline { get; } = pipeline;

    /// <summary>Refuses a query before its body is read, where the waiting work leaves it no time; null = the body may be read. Other
    /// faults are reported once the body is read.</summary>
    /// <param name="latency">Deadline of the query, counted from arrival; null = the SLO.</param>
    /// <param name="age">Time since the query's first byte arrived.</param>
    /// <param name="isTooSoon">True when the caller did not wait as told, see <see cref="QueryRequest.IsTooSoon"/>.</param>
    public virtual QueryResult? RefuseEarly(TimeSpan? latency, TimeSpan age, bool isTooSoon = false) => null;

    /// <summary>Serves one query of this pipeline like <see cref="IServingEngine.SubmitAsync"/>, whatever pipeline the request
    /// names.</summary>
    /// <param name="request">Query; owned by the engine from the call on.</param>
    /// <param name="cancellationToken">Cancelled when the caller went away: the query ends as <see cref="QueryOutcome.Cancelled"/>.</param>
    public abstract ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken);
}
