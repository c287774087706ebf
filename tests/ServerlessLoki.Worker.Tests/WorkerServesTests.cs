using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Profiles;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.Worker;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Solver;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Worker.Tests;

/// <summary>A worker process, a planner and an ingress, joined by queues and storage only.</summary>
public sealed class WorkerServesTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Infer_RealModels_IsAnsweredThroughTheQueues()
    {
        var token = TestContext.Current.CancellationToken;
        var storage = await azurite.ConnectionStringAsync();
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, token);
        var (time, loggers, options) = (TimeProvider.System, NullLoggerFactory.Instance, new ServiceBusOptions());
        var account = StorageAccount.ConnectLocally(storage);
        var payloads = new BlobPayloadStore(account);
        var state = new TableStateStore(account, payloads);
        var pipelines = await PipelineFiles.ReadAsync([TrafficSample.PipelinePath], TransformRegistry.Default, new ModelOptions(), token);
        var profile = new LatencyProfile(await DeviceProfile.ReadAsync(pipelines, token));
        await using var app = WorkerHost.Build(
        [
            "--urls", "http://127.0.0.1:0", "--Loki:Slots", "3", "--Loki:ModelCache", Path.GetDirectoryName(TrafficSample.Directory)!, "--AzureWebJobsStorage", storage,
            "--ServiceBus", bus.ConnectionString, "--ServiceBus:administration", bus.AdministrationConnectionString,
        ]);
        await app.StartAsync(token);
        using var client = WorkerHostTests.Client(app);
        await WorkerHostTests.WorkingAsync(client, token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/healthz/ready", token)).StatusCode);
        await using var connection = ServiceBusConnection.ToEmulator(bus.ConnectionString, bus.AdministrationConnectionString);
        await using var sender = new ServiceBusStageSender(connection, payloads, options, time, loggers);
        await using var replies = new ServiceBusReplies(connection, payloads, options, time, loggers);
        var planner = new PlannerCycle(
            new PlannerOptions { Policy = "loki" }, [.. pipelines.Select(static p => p.Pipeline)], profile, new ThreeSlots(), state, new BranchAndBoundSolver(),
            new StageQueueKeeper(connection, options, time, loggers), time, loggers);
        await using var ingress = new IngressEngine(
            new EngineOptions(), Guid.NewGuid().ToString("N"), pipelines, profile,
            items => new ServiceBusStageQueues(connection, items, sender, replies, payloads, "ingress", options, time, loggers), replies, state, payloads,
            TransformRegistry.Default, time, loggers);
        await ingress.StartAsync(token);
        while (!ingress.IsReady)
        {
            await planner.StepAsync(token);
            await Task.Delay(200, token);
        }

        foreach (var seed in new ulong[] { 1, 2, 3 })
        {
            var request = new QueryRequest { Pipeline = "traffic", Input = new ImageInput(SceneGenerator.Generate(seed).Image), IgnoreSlo = true };
            var answer = await ingress.SubmitAsync(request, token);

            Assert.Equal((QueryOutcome.Completed, null), (answer.Outcome, answer.Error));
        }

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz/ready", token)).StatusCode);
        await app.StopAsync(token);
    }

    private sealed class ThreeSlots : IFleet
    {
        public ImmutableArray<DeviceType> Devices { get; } = [new("cpu", 3)];

        public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => new(false);
    }
}
