using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Embedded;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Functions.Tests;

/// <summary>The app's runs in this process: Durable's own engine in memory, a broker, SQLite in place of storage, an engine without
/// models, and workers that answer what the test says. Each step of a run replays its history.</summary>
internal sealed class RunsHost : IAsyncDisposable
{
    private readonly LocalServiceBus _bus;
    private readonly IHost _app;
    private readonly DurableEngine _durable;
    private readonly WebApplication _api;
    private readonly TriggerPump _results;
    private readonly SqliteDatabase _database;

    private RunsHost(LocalServiceBus bus, IHost app, DurableEngine durable, WebApplication api, TriggerPump results, SqliteDatabase database) =>
        (_bus, _app, _durable, _api, _results, _database) = (bus, app, durable, api, results, database);

    public required HttpClient Http { get; init; }

    public required FakeEngine Engine { get; init; }

    public required FakeWorkers Workers { get; init; }

    public required FakeDemand Demand { get; init; }

    /// <summary>Durable's client.</summary>
    public DurableTaskClient Orchestrations => _durable.Client;

    /// <summary>What Durable sent to its worker.</summary>
    public OrchestrationRecorder Recorder => _durable.Recorder;

    /// <summary>How many of the first hundred payloads are there still.</summary>
    public async Task<int> PayloadsAsync()
    {
        var (store, count) = (new SqlitePayloadStore(_database), 0);
        for (var id = 1; id <= 100; id++)
            count += await store.FindAsync(string.Create(CultureInfo.InvariantCulture, $"sqlite:1:{id}"), CancellationToken.None) is null ? 0 : 1;
        return count;
    }

    public static async Task<RunsHost> StartAsync(string folder, int stageTimeoutSeconds = 30, IEnumerable<string>? settings = null, params IEnumerable<Pipeline> more)
    {
        var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, TestContext.Current.CancellationToken);
        var workers = new FakeWorkers();
        var database = SqliteDatabase.Open(folder);
        var state = new SqliteStateStore(database);
        var payloads = new SqlitePayloadStore(database);
        var engine = Planned(more);
        var demand = new FakeDemand();
        string[] all =
        [
            "--AzureWebJobsStorage=UseDevelopmentStorage=true", $"--ServiceBus={bus.ConnectionString}", $"--ServiceBus:administration={bus.AdministrationConnectionString}",
            "--Loki:Fleet:0:Device=cpu", "--Loki:Fleet:0:MaxReplicas=1", "--Loki:Fleet:0:SlotsPerReplica=4",
            string.Create(CultureInfo.InvariantCulture, $"--Loki:StageTimeoutSeconds={stageTimeoutSeconds}"), .. settings ?? [],
        ];
        var app = FunctionApp.Build(all, services =>
        {
            services.Replace(ServiceDescriptor.Singleton<IStateStore>(state));
            services.Replace(ServiceDescriptor.Singleton<IRunIntake>(state));
            services.Replace(ServiceDescriptor.Singleton<Func<CancellationToken, Task<RunSteps>>>(s =>
            {
                var steps = new RunSteps(engine, demand, state, payloads, workers, TransformRegistry.Default, new InferLimits(), TimeProvider.System);
                return _ => Task.FromResult(steps);
            }));
            services.AddLogging(l => l.ClearProviders());
        });
        workers.Replies = app.Services.GetRequiredService<AzurePorts>().Replies;
        await app.Services.GetRequiredService<AzurePorts>().Keeper.EnsureAsync([], TestContext.Current.CancellationToken);
        var durable = await StartDurableAsync(ActivatorUtilities.CreateInstance<RunActivities>(app.Services));
        var context = app.Services.GetRequiredService<LokiApiContext>();
        (context.Engine, context.Runs) = (engine, app.Services.GetRequiredService<OrchestratedRuns.Factory>()(durable.Client));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var api = builder.Build();
        api.UseRouting();
        api.MapLokiApi(context);
        await api.StartAsync();
        var address = api.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var results = await TriggerPump.StartAsync(bus.ConnectionString, ActivatorUtilities.CreateInstance<StageResults>(app.Services), durable.Client);
        return new RunsHost(bus, app, durable, api, results, database)
        {
            Http = new HttpClient { BaseAddress = new Uri(address) }, Engine = engine, Workers = workers, Demand = demand,
        };
    }

    /// <summary>Starts a run of a small picture.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> StartRunAsync(string pipeline = "traffic")
    {
        using var body = Picture();
        using var answer = await Http.PostAsync($"/runs?pipeline={pipeline}", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await ReadAsync(answer)).GetProperty("id").GetString()!;
    }

    /// <summary>A run, once it has ended.</summary>
    public async Task<JsonElement> EndOfRunAsync(string id)
    {
        JsonElement run = default;
        await Patience.UntilAsync(
            async () => (run = await ReadAsync(await Http.GetAsync($"/runs/{id}", TestContext.Current.CancellationToken))).GetProperty("state").GetString() != "accepted", $"run {id} ended");
        return run;
    }

    public static ByteArrayContent Picture() =>
        new(PictureCodec.EncodePng(RgbImage.Over(8, 8, new byte[192]))) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

    /// <summary>The steps of runs, as activities have them.</summary>
    public Task<RunSteps> StepsAsync() => Service<Func<CancellationToken, Task<RunSteps>>>()(CancellationToken.None);

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _api.DisposeAsync();
        await _results.DisposeAsync();
        await _durable.DisposeAsync();
        await ((IAsyncDisposable)_app).DisposeAsync();
        _database.Dispose();
        await _bus.DisposeAsync();
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
        // A second variant of the detector beside the planned one, for those that ask another.
        engine.Plan = plan with { Slots = [.. plan.Slots, .. plan.Slots.Where(s => s is { Pipeline: 0, Task: 0 }).Select(s => s with { Variant = 1 - s.Variant })] };
        return engine;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    private static Task<DurableEngine> StartDurableAsync(RunActivities activities) => DurableEngine.StartAsync(
        tasks =>
        {
            tasks.AddOrchestratorFunc<RunStart, string>(nameof(PipelineRun.RunPipeline), static (context, run) => PipelineRun.RunPipeline(context, run));
            tasks.AddActivityFunc<RunStart, SentStages>(nameof(RunActivities.BeginRun), (_, run) => activities.BeginRun(run, CancellationToken.None));
            tasks.AddActivityFunc<StageStep, SentStages>(nameof(RunActivities.ExpandStage), (_, step) => activities.ExpandStage(step, CancellationToken.None));
            tasks.AddActivityFunc<StageStep, SentStages>(nameof(RunActivities.RetryStage), (_, step) => activities.RetryStage(step, CancellationToken.None));
            tasks.AddActivityFunc<RunJoins, SentStages>(nameof(RunActivities.JoinStages), (_, step) => activities.JoinStages(step, CancellationToken.None));
            tasks.AddActivityFunc<RunAnswersToStore, string>(nameof(RunActivities.StoreAnswers), (_, step) => activities.StoreAnswers(step, CancellationToken.None));
            tasks.AddActivityFunc<RunEnd, string>(nameof(RunActivities.EndRun), (_, end) => activities.EndRun(end, CancellationToken.None));
        },
        TestContext.Current.CancellationToken);
}
