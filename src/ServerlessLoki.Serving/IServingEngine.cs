using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving;

/// <summary>Serving engine, as the HTTP API and the durable runs use it.</summary>
public interface IServingEngine
{
    /// <summary>True when every task has a loaded variant.</summary>
    bool IsReady { get; }

    /// <summary>Pipelines that the engine serves.</summary>
    IReadOnlyList<PipelineSource> Pipelines { get; }

    /// <summary>Finds a pipeline by its name; null if there is none.</summary>
    ServedPipeline? Find(string pipeline);

    /// <summary>Settings in force.</summary>
    EngineOptions Options { get; }

    /// <summary>The plan in force; null before the first.</summary>
    Plan? Plan { get; }

    /// <summary>Problem that <see cref="Plan"/> answers; null before the first plan.</summary>
    PlanningProblem? Problem { get; }

    /// <summary>Measured latencies.</summary>
    LatencyProfile Profile { get; }

    /// <summary>Metrics of the engine.</summary>
    ServingMetrics Metrics { get; }

    /// <summary>Returns a snapshot of the engine's status.</summary>
    EngineStatus Status();

    /// <summary>Serves one query of a pipeline. Overload is an outcome, not an exception.</summary>
    /// <param name="request">Query; the engine owns it from the call on.</param>
    /// <param name="cancellationToken">Cancelled when the caller went away: the query ends as <see cref="QueryOutcome.Cancelled"/>.</param>
    ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken);

    /// <summary>Refuses a direct inference before its body is read; null = the body may be read.</summary>
    /// <param name="variant">Name of the variant.</param>
    /// <param name="latency">Deadline of the inference, counted from arrival.</param>
    /// <param name="age">Time since the first byte of the request arrived.</param>
    VariantResult? RefuseInferEarly(string variant, TimeSpan latency, TimeSpan age) => null;

    /// <summary>Runs one variant, outside any pipeline. The caller disposes the result once it has read the outputs.</summary>
    /// <param name="request">Inference; its <see cref="VariantRequest.Owner"/> belongs to the engine from the call on, whatever the
    /// outcome.</param>
    /// <param name="cancellationToken">Cancelled when the caller went away.</param>
    ValueTask<VariantResult> InferAsync(VariantRequest request, CancellationToken cancellationToken);

    /// <summary>Returns why a variant should not be used at present, without a full stop; null where no fault is known.</summary>
    string? FaultOf(string variant) => null;

    /// <summary>Describes inputs and outputs of a variant's model; null if there is no such variant. The model is opened once, then
    /// cached.</summary>
    ModelDescription? Describe(string variant);
}
