using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Embedded;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Solving;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Api;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Remote.Runs;
using ServerlessLoki.Serving.Tests.Api;

namespace ServerlessLoki.Functions.Tests;

/// <summary>The app on the in-process host: a Service Bus in this process, SQLite in place of storage, an engine without models, and
/// workers that answer what the test says.</summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    /// <summary>All but the timers, which need storage.</summary>
    private static readonly string[] Disabled = ["Planner", "Housekeeping"];

    private readonly IHost _host;
    private readonly SqliteDatabase _database;

    private FunctionsHost(IHost host, SqliteDatabase database, FakeEngine engine, FakeWorkers workers) => (_host, _database, Engine, Workers) = (host, database, engine, workers);

    public HttpClient Http { get; private set; } = null!;

    public FakeEngine Engine { get; }

    public FakeWorkers Workers { get; }

    public FakeDemand Demand { get; private init; } = null!;

    /// <summary>How many of the first hundred payloads are there still.</summary>
    public async Task<int> PayloadsAsync()
    {
        var (store, count) = (new SqlitePayloadStore(_database), 0);
        for (var id = 1; id <= 100; id++)
            count += await store.FindAsync(string.Create(CultureInfo.InvariantCulture, $"sqlite:1:{id}"), CancellationToken.None) is null ? 0 : 1;
        return count;
    }

    public static async Task<FunctionsHost> StartAsync(string folder, string bus, int stageTimeoutSeconds = 30, IEnumerable<string>? settings = null, params IEnumerable<Pipeline> more)
    {
        StandIn.NeedHost();
        var workers = new FakeWorkers();
        var database = SqliteDatabase.Open(folder);
        var state = new SqliteStateStore(database);
        var payloads = new SqlitePayloadStore(database);
        var engine = Planned(more);
        var demand = new FakeDemand();
        string[] all =
        [
            "--urls=http://127.0.0.1:0", $"--FunctionsHost:State={folder}", "--AzureWebJobsStorage=UseDevelopmentStorage=true",
            $"--ServiceBus=Endpoint=sb://inprocess/{bus}", "--Loki:Fleet:0:Device=cpu", "--Loki:Fleet:0:MaxReplicas=1", "--Loki:Fleet:0:SlotsPerReplica=4",
            string.Create(CultureInfo.InvariantCulture, $"--Loki:StageTimeoutSeconds={stageTimeoutSeconds}"),
            .. Disabled.Select(f => $"--AzureWebJobs.{f}.Disabled=true"), .. settings ?? [],
        ];
        var host = FunctionApp.Build(all, services =>
        {
            services.RemoveAll<IHostedService>();
            services.Replace(ServiceDescriptor.Singleton<IStateStore>(state));
            services.Replace(ServiceDescriptor.Singleton<IRunIntake>(state));
            services.Replace(ServiceDescriptor.Singleton<Func<CancellationToken, Task<RunSteps>>>(s =>
            {
                var steps = new RunSteps(engine, demand, state, payloads, workers, TransformRegistry.Default, new InferLimits(), TimeProvider.System);
                return _ => Task.FromResult(steps);
            }));
            services.AddLogging(l => l.ClearProviders());
        });
        host.Services.GetRequiredService<LokiApiContext>().Engine = engine;
        workers.Replies = host.Services.GetRequiredService<AzurePorts>().Replies;
        await host.StartAsync();
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new FunctionsHost(host, database, engine, workers) { Demand = demand, Http = new HttpClient { BaseAddress = new Uri(address) } };
    }

    /// <summary>The steps of runs, as activities have them.</summary>
    public Task<RunSteps> StepsAsync() => Service<Func<CancellationToken, Task<RunSteps>>>()(CancellationToken.None);

    public T Service<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        _database.Dispose();
    }

    internal static FakeEngine Planned(params IEnumerable<Pipeline> more)
    {
        var engine = new FakeEngine(more);
        ImmutableArray<PipelineDemand> demand = [.. engine.Pipelines.Select(p => new PipelineDemand(p.Pipeline, 5, FanOut.One(p.Pipeline)))];
        var rows = demand.SelectMany(d => d.Pipeline.Tasks).SelectMany(t => t.Variants)
            .SelectMany(v => new[] { 1, 2, 4 }.Select(b => new ProfileRow(v.Name, "cpu", b, b, b, b, b)));
        var problem = new PlanningProblem { Pipelines = demand, Devices = [new DeviceType("cpu", 16)], Profile = new LatencyProfile(rows) };
        engine.Problem = problem;
        var plan = PlanningPolicies.Create("unified", new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);
        // A second variant of the detector beside the planned one, for whoever asks another.
        engine.Plan = plan with { Slots = [.. plan.Slots, .. plan.Slots.Where(s => s is { Pipeline: 0, Task: 0 }).Select(s => s with { Variant = 1 - s.Variant })] };
        return engine;
    }
}
