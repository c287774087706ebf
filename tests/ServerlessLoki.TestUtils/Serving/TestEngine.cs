using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>An engine on fake models: "look" finds things, cars go to "car", people to "man"; each task has a slow and a fast variant.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    public const string Traffic = """
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
    /// <param name="pipeline">Its pipeline, named "p".</param>
    public static async Task<TestEngine> StartAsync(
        double largeMs = 10, int slots = 6, FakeModels? models = null, Func<EngineOptions, EngineOptions>? options = null,
        IStageQueues? queues = null, MemoryState? state = null, TimeProvider? time = null, string pipeline = Traffic)
    {
        models ??= new FakeModels();
        var graph = PipelineReader.Read(pipeline, "test");
        var settings = new EngineOptions { Parallelism = 2 };
        settings = options?.Invoke(settings) ?? settings;
        var fleet = new Fleet(slots);
        var engine = new ServingEngine(
            settings, [new PipelineSource(graph, ".")], Profile(graph, largeMs), fleet, queues ?? new InProcessStageQueues(),
            state ?? new MemoryState(), TransformRegistry.Default, time ?? TimeProvider.System, NullLoggerFactory.Instance, models);
        await engine.StartAsync(TestContext.Current.CancellationToken);
        return new TestEngine(engine, models, fleet);
    }

    /// <summary>Times of all variants: those that end on "l" are ten times slower than the others.</summary>
    public static LatencyProfile Profile(Pipeline graph, double largeMs) => new(
        from variant in graph.Tasks.SelectMany(t => t.Variants)
        from batch in new[] { 1, 4 }
        let ms = (variant.Name.EndsWith('l') ? largeMs : largeMs / 10) * batch
        select new ProfileRow(variant.Name, "cpu", batch, ms, ms, ms, ms));

    public ValueTask<QueryResult> SubmitAsync(QueryInput? input = null, TimeSpan? latency = null, double? minAccuracy = null, CancellationToken cancellationToken = default) =>
        Engine.SubmitAsync(
            new QueryRequest { Pipeline = "p", Input = input ?? new FakeInput(), Latency = latency, MinAccuracy = minAccuracy }, cancellationToken);

    /// <summary>Asks as a request that began a while ago does.</summary>
    public ValueTask<QueryResult> SubmitOldAsync(TimeSpan age, TimeSpan? latency = null) => Engine.SubmitAsync(
        new QueryRequest { Pipeline = "p", Input = new FakeInput(), Latency = latency, Age = age }, TestContext.Current.CancellationToken);

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
