using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>An engine without models: pipelines answer what the test says, variants named <c>echo-TYPE</c> give their input back.</summary>
internal sealed class FakeEngine : IServingEngine
{
    public FakeEngine(params IEnumerable<Pipeline> more)
    {
        Pipelines = [new PipelineSource(TestPipelines.Traffic, "/models"), new PipelineSource(TestPipelines.Plain, "/models"), .. more.Select(p => new PipelineSource(p, "/models"))];
        Metrics = new ServingMetrics(Pipelines.Select(p => p.Pipeline));
        Metrics.Publish(this);
        Answer = (request, _) => ValueTask.FromResult(TwoCars(request));
    }

    public Func<QueryRequest, CancellationToken, ValueTask<QueryResult>> Answer { get; set; }

    public Func<VariantRequest, VariantResult> Infer { get; set; } = r => new VariantResult(QueryOutcome.Completed, null, r.Inputs);

    public QueryRequest? LastQuery { get; private set; }

    public VariantRequest? LastVariant { get; private set; }

    /// <summary>Inputs of the last variant, copied: they are gone when it is answered.</summary>
    public byte[][] LastInputs { get; private set; } = [];

    /// <summary>Says no to direct inferences by their headers.</summary>
    public Func<TimeSpan, VariantResult?> Early { get; set; } = static _ => null;

    public VariantResult? RefuseInferEarly(string variant, TimeSpan latency, TimeSpan age) => Early(latency);

    public bool IsReady { get; set; } = true;

    /// <summary>Variants that are out, and why.</summary>
    public Dictionary<string, string> Faults { get; } = [];

    public string? FaultOf(string variant) => Faults.GetValueOrDefault(variant);

    public IReadOnlyList<PipelineSource> Pipelines { get; }

    public ServedPipeline? Find(string pipeline) =>
        Pipelines.FirstOrDefault(p => p.Pipeline.Name == pipeline) is { } source ? new Served(this, source.Pipeline) : null;

    public EngineOptions Options { get; } = new();

    public Plan? Plan { get; set; }

    public PlanningProblem? Problem { get; set; }

    public LatencyProfile Profile { get; } = new([]);

    public ServingMetrics Metrics { get; }

    public EngineStatus Status() => new(
        IsReady, TimeSpan.FromSeconds(5), "loki", 3, null,
        [new PipelineStatus("traffic", 100, 12.5, 15, 12, 2, 0.9, null, [new TaskStatusInfo("detect", ImmutableSortedDictionary<string, int>.Empty.Add("detect-n", 4), "It fits.")]) { BeyondSloQps = 1.5 }],
        [new SlotStatus("cpu/0", "idle", "detect-n", 4, "cpu", null) { ProviderFallback = "no driver" }, new SlotStatus("cpu/1", "free", null, 0, null, null)])
    {
        Fleet = [new FleetStatus("t4", 4, 8, null, "403: may not", DateTimeOffset.UnixEpoch), new FleetStatus("cpu", null, null, null, null, null)],
    };

    public async ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken)
    {
        LastQuery = request;
        try
        {
            return await Answer(request, cancellationToken);
        }
        finally
        {
            request.Input.Dispose();
            foreach (var other in request.Others)
                other.Dispose();
        }
    }

    public async ValueTask<VariantResult> InferAsync(VariantRequest request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        LastVariant = request;
        LastInputs = [.. request.Inputs.Select(i => i.ToArray())];
        try
        {
            var result = Infer(request);
            // An engine's outputs are its own, and its inputs gone when it answers.
            return result with { Outputs = [.. result.Outputs.Select(o => (ReadOnlyMemory<byte>)o.ToArray())] };
        }
        finally
        {
            request.Owner?.Dispose();
        }
    }

    public ModelDescription? Describe(string variant)
    {
        if (variant == "two-inputs")
            return new ModelDescription(variant, "plain", "scale", [Tensor("a", "FP32", -1, 2), Tensor("b", "INT64", -1, 1)], [Tensor("a", "FP32", -1, 2), Tensor("b", "INT64", -1, 1)]);
        return variant.StartsWith("echo-", StringComparison.Ordinal) && Datatypes.TryParse(variant[5..], out _)
            ? new ModelDescription(variant, "plain", "scale", [Tensor("x", variant[5..], -1, 2)], [Tensor("y", variant[5..], -1, 2)])
            : null;
    }

    /// <summary>Two cars and a person; the cars by different variants.</summary>
    public static QueryResult TwoCars(QueryRequest request) => new()
    {
        Id = request.Id ?? "made",
        Outcome = QueryOutcome.Completed,
        Accuracy = 0.75,
        Latency = TimeSpan.FromMilliseconds(12.5),
        Queued = TimeSpan.FromMilliseconds(2),
        Computed = TimeSpan.FromMilliseconds(9),
        PlanVersion = 7,
        Answers =
        [
            new StageAnswer(0, 0, -1, -1, [new OutputRow(0, 0.5f, 0, 0, 0.5f, 0.5f), new OutputRow(1, 0.25f, 0.5f, 0, 1, 1), new OutputRow(0, 0.75f, 0, 0.5f, 1, 1)]),
            new StageAnswer(1, 0, 0, 0, [new OutputRow(1, 0.875f, 0, 0, 0, 0)]),
            new StageAnswer(2, 0, 0, 1, [new OutputRow(0, 0.5f, 0, 0, 0, 0)]),
            new StageAnswer(1, 1, 0, 2, [new OutputRow(0, 1, 0, 0, 0, 0)]),
        ],
    };

    private static TensorDescription Tensor(string name, string datatype, params long[] shape) => new(name, datatype, [.. shape]);

    private sealed class Served(FakeEngine engine, Pipeline pipeline) : ServedPipeline(pipeline)
    {
        public override ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken) =>
            engine.SubmitAsync(request, cancellationToken);
    }
}
