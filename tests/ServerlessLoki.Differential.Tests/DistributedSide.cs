using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Differential.Tests;

/// <summary>The distributed engine: one ingress, and one worker for each kind of device, which find the plan in a store and tell each other all
/// else in messages, as bytes. Their timers stand still.</summary>
internal sealed class DistributedSide : HostSide
{
    private readonly PlanStore _store = new();
    private readonly InstantBroker _broker;
    private readonly IngressEngine _ingress;
    private readonly WorkerEngine[] _workers;

    private DistributedSide(Scene scene)
        : base(scene)
    {
        _broker = new InstantBroker(NoteSent);
        var (profile, payloads, transforms, logs) = (scene.Problem.Profile, new MemoryPayloads(), TransformRegistry.Default, NullLoggerFactory.Instance);
        _ingress = new IngressEngine(
            new EngineOptions { Seed = Scenes.Seed }, "i", scene.Sources, profile, _broker.Queues, _broker, _store, payloads, transforms, Clock, logs);
        _workers = [.. scene.Problem.Devices.Select(d => new WorkerEngine(
            new WorkerOptions { Id = $"w-{d.Name}", Device = d.Name, Slots = d.Slots, SlotShare = d.SlotShare, Parallelism = scene.Threads },
            scene.Sources, profile, _broker.Queues, _broker, _store, payloads, transforms, Clock, logs, null, new FakeModels { Rows = scene.RowsOf }, hasThreads: false))];
        Devices = [.. _workers.Select(w => w.Device)];
    }

    protected override IReadOnlyList<ComputeDevice> Devices { get; }

    public static async Task<Journal> RunAsync(Scene scene, CancellationToken cancellationToken)
    {
        await using var side = new DistributedSide(scene);
        side._store.Publish(PlanDocument.Name, PlanDocument.Of(scene.Plan, scene.Problem, scalesAccuracy: true, side.Clock.GetUtcNow()).ToJson());
        // The second look shows each what the others serve.
        foreach (var worker in side._workers.Concat(side._workers))
            await worker.LookAsync(cancellationToken);
        await side._ingress.OpenAsync(cancellationToken);
        Assert.True(side._ingress.IsReady, side._ingress.Status().ToString());
        return await side.PlayAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await _ingress.DisposeAsync();
        foreach (var worker in _workers)
            await worker.DisposeAsync();
    }

    protected override QueryInput NewInput() => new ImageInput(RgbImage.Over(1, 1, new byte[3]));

    protected override ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken) => _ingress.SubmitAsync(request, cancellationToken);

    protected override void ExpireDue() => _ingress.ExpireDue();

    protected override void Settle() => Assert.True(SpinWait.SpinUntil(() => _ingress.HasForgottenEnded, TimeSpan.FromMinutes(1)));

    protected override string QueryOf(StageItem item) => item.Scope is WorkerQuery foreign ? _broker.QueryOf(foreign.Message.QueryId) : ((PendingQuery)item.Scope).Id;
}
