using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Differential.Tests;

/// <summary>The embedded engine.</summary>
internal sealed class EngineSide : HostSide
{
    private readonly ServingEngine _engine;

    private EngineSide(Scene scene)
        : base(scene)
    {
        var options = new EngineOptions { Parallelism = scene.Threads, Seed = Scenes.Seed };
        _engine = new ServingEngine(
            options, scene.Sources, scene.Problem.Profile, new FixedFleet(scene.Problem.Devices), new Queues(this), new MemoryState(),
            TransformRegistry.Default, Clock, NullLoggerFactory.Instance, new FakeModels { Rows = scene.RowsOf }, hasThreads: false);
    }

    protected override IReadOnlyList<ComputeDevice> Devices => _engine.Devices;

    public static async Task<Journal> RunAsync(Scene scene, CancellationToken cancellationToken)
    {
        await using var side = new EngineSide(scene);
        await side._engine.Slots.ApplyAsync(scene.Plan, scene.Problem, scalesAccuracy: true, cancellationToken);
        return await side.PlayAsync(cancellationToken);
    }

    public override ValueTask DisposeAsync() => _engine.DisposeAsync();

    protected override QueryInput NewInput() => new FakeInput();

    protected override ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken) => _engine.SubmitAsync(request, cancellationToken);

    protected override void ExpireDue() => _engine.ExpireDue();

    protected override void Settle()
    {
    }

    protected override string QueryOf(StageItem item) => ((PendingQuery)item.Scope).Id;

    /// <summary>The embedded host's queues; whatever is sent is noted.</summary>
    private sealed class Queues(EngineSide side) : IStageQueues
    {
        private readonly InProcessStageQueues _queues = new();

        public ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
        {
            side.NoteSent(item);
            return _queues.SendAsync(key, item, cancellationToken);
        }

        public IStageReceiver OpenReceiver(StageKey key, Action arrived) => _queues.OpenReceiver(key, arrived);
    }
}
