using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving;

/// <summary>What the HTTP API and the durable runs need of an engine.</summary>
public interface IServingEngine
{
    /// <summary>True when every task has a loaded variant.</summary>
    bool IsReady { get; }

    /// <summary>The pipelines served.</summary>
    IReadOnlyList<PipelineSource> Pipelines { get; }

    /// <summary>A pipeline by its name; null if there is none.</summary>
    ServedPipeline? Find(string pipeline);

    /// <summary>Settings in force.</summary>
    EngineOptions Options { get; }

    /// <summary>The plan in force; null before the first.</summary>
    Plan? Plan { get; }

    /// <summary>The problem that <see cref="Plan"/> answers; null before the first.</summary>
    PlanningProblem? Problem { get; }

    /// <summary>Measured latencies.</summary>
    LatencyProfile Profile { get; }

    /// <summary>All series.</summary>
    ServingMetrics Metrics { get; }

    /// <summary>A snapshot for people.</summary>
    EngineStatus Status();

    /// <summary>Serves one query of a pipeline. Overload is an outcome, not an exception.</summary>
    /// <param name="request">Owned by the engine from the call on.</param>
    /// <param name="cancellationToken">The caller went away: the query ends as <see cref="QueryOutcome.Cancelled"/>.</param>
    ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken);

    /// <summary>Says no to a direct inference before its body is read; null = it may come in.</summary>
    /// <param name="variant">Name of the variant.</param>
    /// <param name="latency">Its deadline, counted from arrival.</param>
    /// <param name="age">How long ago its first byte arrived.</param>
    VariantResult? RefuseInferEarly(string variant, TimeSpan latency, TimeSpan age) => null;

    /// <summary>Runs one variant, outside any pipeline. The caller disposes the result once it has read the outputs.</summary>
    /// <param name="request">Its <see cref="VariantRequest.Owner"/> is the engine's from the call on, whatever comes of it.</param>
    /// <param name="cancellationToken">The caller went away.</param>
    ValueTask<VariantResult> InferAsync(VariantRequest request, CancellationToken cancellationToken);

    /// <summary>Why a variant is not to be asked at present, without a full stop; null where nothing is known against it.</summary>
    string? FaultOf(string variant) => null;

    /// <summary>Inputs and outputs of a variant's model; null if there is no such variant. Opened once, then cached.</summary>
    ModelDescription? Describe(string variant);
}
