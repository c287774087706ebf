using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving;

/// <summary>A pipeline as an engine serves it: found once by its name (<see cref="IServingEngine.Find"/>), then handed down.</summary>
/// <param name="pipeline">Its graph.</param>
public abstract class ServedPipeline(Pipeline pipeline)
{
    /// <summary>Its graph.</summary>
    public Pipeline Pipeline { get; } = pipeline;

    /// <summary>Says no to a query before its body is read, where what waits before it leaves it no time; null = it may come in. What else
    /// can be wrong with it is said once it is read.</summary>
    /// <param name="latency">Its own deadline, counted from arrival; null = the SLO.</param>
    /// <param name="age">How long ago its first byte arrived.</param>
    /// <param name="isTooSoon">See <see cref="QueryRequest.IsTooSoon"/>.</param>
    public virtual QueryResult? RefuseEarly(TimeSpan? latency, TimeSpan age, bool isTooSoon = false) => null;

    /// <summary>As <see cref="IServingEngine.SubmitAsync"/>, whatever pipeline the request names.</summary>
    /// <param name="request">Owned by the engine from the call on.</param>
    /// <param name="cancellationToken">The caller went away: the query ends as <see cref="QueryOutcome.Cancelled"/>.</param>
    public abstract ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken);
}
