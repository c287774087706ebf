using System.Collections.Immutable;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.Functions.Timers;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Queues of variants that left the plan: watched for a while, unused for a while, gone.</summary>
[Collection(StoredApp.Collection)]
public sealed class QueueRetirementTests(AzuriteFixture azurite)
{
    private static readonly ServiceBusOptions Options = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clean_VariantLeftThePlanAndItsSweepEnded_DeletesItsQueueButNoneWithDeadLetters()
    {
        var (storage, time) = (await azurite.ConnectionStringAsync(), new FakeTimeProvider());
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0, Time = time }, Stop);
        await using var app = await StoredApp.StartAsync(storage, bus);
        await using var ports = new AzurePorts(new AzureSettings
        {
            StorageConnection = storage, ServiceBusConnection = bus.ConnectionString, ServiceBusAdministration = bus.AdministrationConnectionString, PayloadContainer = "payloads", Lock = TimeSpan.FromSeconds(30),
        }, time, NullLoggerFactory.Instance);
        await app.PlannerAsync();
        var housekeeping = new Housekeeping(ports, app.Services.GetRequiredService<Brain>(), app.Services.GetRequiredService<OrchestratedRuns.Factory>(), app.Services.GetRequiredService<FunctionSettings>(),
            TimeProvider.System, NullLogger<Housekeeping>.Instance);
        var client = Substitute.For<DurableTaskClient>("test");
        var (planned, left, broken) = (new StageKey("gone", "look", "n"), new StageKey("gone", "look", "s"), new StageKey("gone", "look", "l"));
        await ports.Keeper.EnsureAsync([planned, left, broken], Stop);
        await BreakAsync(bus, StageQueueNames.Of(broken));

        // The planner listed it when it left; a worker's sweep receives from it as long as it is listed.
        await PublishAsync(ports.State, [new RetiredQueue(left.Pipeline, left.Task, left.Variant, time.GetUtcNow()), new RetiredQueue(broken.Pipeline, broken.Task, broken.Variant, time.GetUtcNow())]);
        time.Advance(Options.RetireAfter + TimeSpan.FromMinutes(1));
        await housekeeping.Clean(new TimerInfo(), client, Stop);
        Assert.Equal([planned, left, broken], await QueuesAsync(bus, planned, left, broken));

        // The sweep has just looked for the last time when it is listed no more: its queue was in use until now.
        await LookAsync(bus, StageQueueNames.Of(left));
        await PublishAsync(ports.State, []);
        await housekeeping.Clean(new TimerInfo(), client, Stop);
        Assert.Equal([planned, left, broken], await QueuesAsync(bus, planned, left, broken));

        time.Advance(Options.RetireAfter + TimeSpan.FromMinutes(1));
        await housekeeping.Clean(new TimerInfo(), client, Stop);

        Assert.Equal([planned, broken], await QueuesAsync(bus, planned, left, broken));
    }

    private static async Task LookAsync(LocalServiceBus bus, string queue)
    {
        await using var client = new ServiceBusClient(bus.ConnectionString);
        Assert.Null(await client.CreateReceiver(queue).ReceiveMessageAsync(TimeSpan.FromMilliseconds(100), Stop));
    }

    private static async Task BreakAsync(LocalServiceBus bus, string queue)
    {
        await using var client = new ServiceBusClient(bus.ConnectionString);
        await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("poison"), Stop);
        var receiver = client.CreateReceiver(queue);
        await receiver.DeadLetterMessageAsync(await receiver.ReceiveMessageAsync(cancellationToken: Stop), cancellationToken: Stop);
    }

    private static async Task<List<StageKey>> QueuesAsync(LocalServiceBus bus, params StageKey[] keys)
    {
        var admin = new ServiceBusAdministrationClient(bus.AdministrationConnectionString);
        var there = new List<StageKey>();
        foreach (var key in keys)
        {
            if ((await admin.QueueExistsAsync(StageQueueNames.Of(key), Stop)).Value)
                there.Add(key);
        }

        return there;
    }

    /// <summary>A plan with one variant, which stands for the one in force.</summary>
    private static async Task PublishAsync(TableStateStore state, ImmutableArray<RetiredQueue> retired)
    {
        var document = new PlanDocument
        {
            Plan = new Plan
            {
                Version = 1, Policy = "test", Slots = [new SlotGroup(0, 0, 0, 0, 1, 1, 10, 1, 1000)], Flows = [], ServedShare = [1], Accuracy = 1, DemandQps = [1],
                Proof = new PlanProof(0, 0, "given", 0, "test"),
            },
            Devices = [new DeviceType("cpu", 1)],
            Pipelines = [new PlannedPipeline("gone", 1000, [new PlannedTask("look", ["n", "s", "l"])], [])],
            Profile = [],
            Options = new PlanningOptions(),
            Retired = retired,
        };
        await state.PutDocumentAsync(PlanDocument.Name, document.ToJson(), Stop);
    }
}
