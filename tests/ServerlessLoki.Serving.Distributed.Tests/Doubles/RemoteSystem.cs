using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Embedded;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Serving.Distributed.Tests.Doubles;

/// <summary>An ingress, planners and workers on fake models, each with its own connection to one broker and one store.</summary>
internal sealed class RemoteSystem : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("loki-remote").FullName;
    private readonly SqliteDatabase _database;
    private readonly List<(WorkerEngine Engine, MemoryBroker.Client Client)> _workers = [];
    private readonly List<IngressEngine> _ingresses = [];

    public RemoteSystem(string pipeline = TestEngine.Traffic)
    {
        _database = SqliteDatabase.Open(_directory);
        State = new SqliteStateStore(_database);
        Pipeline = PipelineReader.Read(pipeline, "test");
        Profile = new LatencyProfile(Pipeline.Tasks.SelectMany(t => t.Variants).SelectMany(v => new[] { 1, 4 }.Select(b =>
        {
            var ms = (v.Name.EndsWith('l') ? 10.0 : 1) * b;
            return new ProfileRow(v.Name, "cpu", b, ms, ms, ms, ms);
        })));
    }

    public MemoryBroker Broker { get; } = new();

    public MemoryPayloads Payloads { get; } = new();

    public SqliteStateStore State { get; }

    public Pipeline Pipeline { get; }

    public LatencyProfile Profile { get; }

    /// <summary>The pipeline as workers have it, held against real models; null = fake models serve it.</summary>
    public PipelineSource? Fitted { get; init; }

    /// <summary>What planner and ingress have of it in files; null = all.</summary>
    public LatencyProfile? Known { get; init; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Ten seconds of patience with a machine that does other things.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var waited = 0; !condition(); waited++)
        {
            Assert.True(waited < 1000, "It did not come about.");
            await Task.Delay(10, Token);
        }
    }

    public async Task<IngressEngine> AddIngressAsync()
    {
        var client = Broker.Connect();
        var ingress = new IngressEngine(
            new EngineOptions { ControlPeriod = TimeSpan.FromMilliseconds(100) }, $"i{_ingresses.Count}", [Source], Known ?? Profile, client.Queues, client, State, Payloads,
            TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance);
        _ingresses.Add(ingress);
        await ingress.StartAsync(Token);
        return ingress;
    }

    public async Task<IngressEngine> AddReadyIngressAsync()
    {
        var ingress = await AddIngressAsync();
        await UntilAsync(() => ingress.IsReady);
        return ingress;
    }

    public async Task<WorkerEngine> AddWorkerAsync(int slots = 3, FakeModels? models = null, TimeSpan? lease = null)
    {
        var client = Broker.Connect();
        var options = new WorkerOptions
        {
            Id = $"w{_workers.Count}", Device = "cpu", Slots = slots, Parallelism = 2, Period = TimeSpan.FromMilliseconds(50),
            Lease = lease ?? TimeSpan.FromSeconds(2), Linger = TimeSpan.FromSeconds(1),
        };
        var (transforms, time, logs) = (TransformRegistry.Default, TimeProvider.System, NullLoggerFactory.Instance);
        var worker = Fitted is { } fitted
            ? new WorkerEngine(options, [fitted], Profile, client.Queues, client, State, Payloads, transforms, time, logs)
            : new WorkerEngine(options, [Source], Profile, client.Queues, client, State, Payloads, transforms, time, logs, null, models ?? new FakeModels());
        _workers.Add((worker, client));
        await worker.StartAsync(Token);
        return worker;
    }

    /// <summary>The large variants, two replicas of each, on two workers with three slots each that run at once.</summary>
    public async Task<(IngressEngine Ingress, WorkerEngine First, WorkerEngine Second)> StartAsync()
    {
        await PublishAsync("l", 2);
        var (first, second) = (await AddWorkerAsync(), await AddWorkerAsync());
        var ingress = await AddReadyIngressAsync();
        await UntilAsync(() => new[] { first, second }.All(w => w.Report().Serving.Sum(s => s.Replicas) == 3));
        return (ingress, first, second);
    }

    /// <summary>As kill -9 does.</summary>
    public async Task KillAsync(WorkerEngine worker)
    {
        await worker.FallSilentAsync();
        _workers.Single(w => w.Engine == worker).Client.Kill();
    }

    public PlannerCycle Planner(IFleet fleet, string policy = "loki", int leastSlots = 1) => new(
        new PlannerOptions { Policy = policy, LeastSlots = leastSlots }, [Pipeline], Known ?? Profile, fleet, State, new BranchAndBoundSolver(), null, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Publishes a plan with one variant of each task: all large or all small.</summary>
    public async Task PublishAsync(string size, int replicas)
    {
        var stored = await State.ReadDocumentAsync(PlanDocument.Name, Token);
        var before = stored is null ? null : PlanDocument.Parse(stored.Json);
        var index = size == "l" ? 0 : 1;
        var demand = new PipelineDemand(Pipeline, 10, FanOut.One(Pipeline));
        var problem = new PlanningProblem { Pipelines = [demand], Devices = [new DeviceType("cpu", Pipeline.Tasks.Length * replicas)], Profile = Profile };
        var groups = Pipeline.Tasks.Select(t =>
        {
            var latency = Profile.Find(t.Variants[index].Name, "cpu")!;
            return new SlotGroup(0, t.Index, index, 0, 4, replicas, replicas * latency.ThroughputQps(4), 10, latency.LatencyUs(4));
        });
        var plan = new Plan
        {
            Version = (before?.Plan.Version ?? 0) + 1, Policy = "test", Slots = [.. groups], Flows = [], ServedShare = [1], Accuracy = 0.5, DemandQps = [10],
            Proof = new PlanProof(0, 0, "given", 0, "test"),
        };
        ImmutableArray<RetiredQueue> retired = before is null || before.Plan.Slots[0].Variant == index
            ? [] : [.. Pipeline.Tasks.Select(t => new RetiredQueue("p", t.Name, t.Variants[1 - index].Name, DateTimeOffset.UtcNow))];
        var document = PlanDocument.Of(plan, problem, true, DateTimeOffset.UtcNow) with { Retired = retired };
        Assert.NotNull(await State.ReplaceDocumentAsync(PlanDocument.Name, document.ToJson(), stored?.Version, Token));
    }

    /// <summary>Publishes as above and waits until all workers and the ingress have followed.</summary>
    public async Task SwitchAsync(IngressEngine ingress, string size, int replicas)
    {
        bool IsOfSize(string variant) => variant.EndsWith(size, StringComparison.Ordinal);
        await PublishAsync(size, replicas);
        await UntilAsync(() => _workers.All(w => w.Engine.Report().Serving is { Length: > 0 } serving && serving.All(s => IsOfSize(s.Variant))));
        await UntilAsync(() => ingress.Status().Pipelines[0].Tasks.All(t => t.Queued.Count > 0 && t.Queued.Keys.All(IsOfSize)));
    }

    public static Task<QueryResult[]> AskManyAsync(IngressEngine ingress, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => AskAsync(ingress).AsTask()));

    public static ValueTask<QueryResult> AskAsync(IngressEngine ingress, TimeSpan? latency = null, int pixels = 4, bool patient = true)
    {
        var image = RgbImage.Rent(pixels, pixels);
        image.Pixels.Fill(7);
        return ingress.SubmitAsync(new QueryRequest { Pipeline = "p", Input = new ImageInput(image), IgnoreSlo = patient, Latency = latency }, Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ingress in _ingresses)
            await ingress.DisposeAsync();
        foreach (var (worker, _) in _workers)
            await worker.DisposeAsync();
        _database.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private PipelineSource Source => new(Pipeline, ".");
}
