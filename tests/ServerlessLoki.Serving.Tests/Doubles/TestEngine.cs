using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>An engine on fake models: "look" finds things, cars go to "car", people to "man"; each task has a slow and a fast variant.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private const string Pipeline = """
        { "name": "p", "sloMs": 1000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
          "tasks": [
            { "name": "look", "output": { "kind": "detections", "labels": ["car", "man"] },
              "variants": [ { "name": "look-l", "model": "a", "accuracy": 0.9 }, { "name": "look-s", "model": "b", "accuracy": 0.6 } ] },
            { "name": "car", "output": { "kind": "classification", "labels": ["van", "bus"] },
              "variants": [ { "name": "car-l", "model": "c", "accuracy": 0.8 }, { "name": "car-s", "model": "d", "accuracy": 0.5 } ] },
            { "name": "man", "output": { "kind": "classification", "labels": ["tall", "short"] },
              "variants": [ { "name": "man-l", "model": "e", "accuracy": 0.8 }, { "name": "man-s", "model": "f", "accuracy": 0.5 } ] } ],
          "edges": [
            { "from": "look", "to": "car", "labels": ["car"], "transforms": [ { "name": "crop-resize", "margin": 0 } ] },
            { "from": "look", "to": "man", "labels": ["man"], "transforms": [ { "name": "crop-resize", "margin": 0 } ] } ] }
        """;

    private readonly Fleet _fleet;

    private TestEngine(ServingEngine engine, FakeModels models, Fleet fleet) => (Engine, Models, _fleet) = (engine, models, fleet);

    public ServingEngine Engine { get; }

    public FakeModels Models { get; }

    /// <summary>Makes the fleet fail whoever asks it, with this message; null = it answers.</summary>
    public string? FleetFault
    {
        set => _fleet.Fault = value;
    }

    /// <summary>Starts one.</summary>
    /// <param name="largeMs">Profiled time of the large variants at batch 1.</param>
    /// <param name="slots">Slots; each has the whole device in the planner's eyes.</param>
    /// <param name="models">Its models.</param>
    /// <param name="options">Changes the settings.</param>
    /// <param name="queues">Stage queues; null = the embedded host's.</param>
    /// <param name="state">Leases; null = all places are free.</param>
    /// <param name="time">Clock; null = the machine's.</param>
    public static async Task<TestEngine> StartAsync(
        double largeMs = 10, int slots = 6, FakeModels? models = null, Func<EngineOptions, EngineOptions>? options = null,
        IStageQueues? queues = null, MemoryState? state = null, TimeProvider? time = null)
    {
        models ??= new FakeModels();
        var pipeline = PipelineReader.Read(Pipeline, "test");
        var rows = pipeline.Tasks.SelectMany(t => t.Variants).SelectMany(v => new[] { 1, 4 }.Select(b =>
        {
            var ms = (v.Name.EndsWith('l') ? largeMs : largeMs / 10) * b;
            return new ProfileRow(v.Name, "cpu", b, ms, ms, ms, ms);
        }));
        var settings = new EngineOptions { Parallelism = 2 };
        settings = options?.Invoke(settings) ?? settings;
        var fleet = new Fleet(slots);
        var engine = new ServingEngine(
            settings, [new PipelineSource(pipeline, ".")], new LatencyProfile(rows), fleet, queues ?? new InProcessStageQueues(),
            state ?? new MemoryState(), TransformRegistry.Default, time ?? TimeProvider.System, NullLoggerFactory.Instance, models);
        await engine.StartAsync(TestContext.Current.CancellationToken);
        return new TestEngine(engine, models, fleet);
    }

    public ValueTask<QueryResult> SubmitAsync(QueryInput? input = null, TimeSpan? latency = null, double? minAccuracy = null, CancellationToken cancellationToken = default) =>
        Engine.SubmitAsync(
            new QueryRequest { Pipeline = "p", Input = input ?? new FakeInput(), Latency = latency, MinAccuracy = minAccuracy }, cancellationToken);

    /// <summary>Waits for something that other threads bring about.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private sealed class Fleet(int slots) : IFleet
    {
        public volatile string? Fault;

        public ImmutableArray<DeviceType> Devices => Fault is { } fault ? throw new IOException(fault) : [new DeviceType("cpu", slots)];

        public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => new(false);
    }
}
