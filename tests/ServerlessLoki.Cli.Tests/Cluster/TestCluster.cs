using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Cli.Cluster;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Embedded;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Nats.Messaging;
using ServerlessLoki.Nats.Setup;
using ServerlessLoki.Nats.Storage;
using ServerlessLoki.Planning;
using ServerlessLoki.TestModels;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Cli.Tests.Cluster;

/// <summary>A cluster of the diamond pipeline on one machine: its processes are objects here, each with a connection of its own.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-cluster-").FullName;
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly QueueOptions _queues = new() { ExpressAckWait = TimeSpan.FromSeconds(2), DurableAckWait = TimeSpan.FromSeconds(2) };

    private TestCluster(string url) => Nats = new NatsOptions { Url = url, Prefix = NatsFixture.UniquePrefix() };

    public NatsOptions Nats { get; }

    /// <summary>Pipeline file that the cluster serves too.</summary>
    public string PipelineFile => Path.Combine(_folder, "in", "diamond", "pipeline.json");

    /// <summary>A folder for a host beside the cluster.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Puts the pipeline into the library of a new cluster.</summary>
    public static async Task<TestCluster> CreateAsync(string url)
    {
        var cluster = new TestCluster(url);
        var pipeline = Path.GetDirectoryName(cluster.PipelineFile)!;
        Directory.CreateDirectory(pipeline);
        DiamondPipeline.Write(pipeline, sloMs: 60_000, name: "pipeline.json");
        await using var ports = new NatsPorts(cluster.Nats, new QueueOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        await new ModelLibrary(ports.Link, ports.State).PushAsync("diamond", pipeline, TestContext.Current.CancellationToken);
        return cluster;
    }

    /// <summary>Starts an ingress, a planner, or both.</summary>
    public async Task<ClusterServing> ServeAsync(bool servesHttp = true, bool plans = true) => Add(await ClusterServing.StartAsync(
        new ServingOptions
        {
            Nats = Nats, Queues = _queues, Folder = Path.Combine(_folder, "serving"), ServesHttp = servesHttp, Plans = plans, Policy = PlanningPolicies.Default,
            Forecaster = Forecasting.Forecasters.Default, Known = Known.BuiltIn, Host = new EmbeddedHostOptions { Port = 0 },
        },
        TestContext.Current.CancellationToken));

    /// <summary>Starts a worker.</summary>
    public async Task<ClusterWorker> WorkAsync(string device = "cpu", int slots = 4) => Add(await ClusterWorker.StartAsync(
        new ClusterWorkerOptions { Nats = Nats, Queues = _queues, Folder = Path.Combine(_folder, "worker"), Device = device, Slots = slots, Cores = 2, Logs = NullLoggerFactory.Instance },
        TestContext.Current.CancellationToken));

    /// <summary>Waits until the cluster serves every task.</summary>
    public static Task ReadyAsync(ClusterServing serving) => Eventually(() => Task.FromResult(serving.Ingress!.IsReady), "the cluster serves");

    public static async Task Eventually(Func<Task<bool>> condition, string what)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            Assert.True(tries < 1200, $"It took more than a minute until {what}.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
            await part.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}
