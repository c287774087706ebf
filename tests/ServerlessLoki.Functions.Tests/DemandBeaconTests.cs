using Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Which kinds of workers are signalled, and when.</summary>
public sealed class DemandBeaconTests
{
    private const string App = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.App/containerApps/";
    private double _qps;
    private int _looks;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beacon_PlanUsesCpu_SignalsCpuOnceWhileQueriesCome()
    {
        var (cpu, t4) = await SignalsAsync(RunsHost.Planned().Plan);
        Assert.Equal((1, 0), (cpu, t4));
    }

    [Fact]
    public async Task Beacon_NothingPlanned_SignalsTheCheapestKind()
    {
        var (cpu, t4) = await SignalsAsync(plan: null);
        Assert.Equal((0, 1), (cpu, t4));
    }

    private async Task<(long Cpu, long T4)> SignalsAsync(Plan? plan)
    {
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, Stop);
        var settings = FunctionSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
            ["ServiceBus"] = bus.ConnectionString,
            ["ServiceBus:administration"] = bus.AdministrationConnectionString,
            ["Loki:Fleet:0:Device"] = "cpu", ["Loki:Fleet:0:AppId"] = App + "worker-cpu", ["Loki:Fleet:0:MaxReplicas"] = "1", ["Loki:Fleet:0:SlotsPerReplica"] = "1",
            ["Loki:Fleet:0:PricePerHour"] = "2",
            ["Loki:Fleet:1:Device"] = "t4", ["Loki:Fleet:1:AppId"] = App + "worker-t4", ["Loki:Fleet:1:MaxReplicas"] = "1", ["Loki:Fleet:1:SlotsPerReplica"] = "1",
            ["Loki:Fleet:1:PricePerHour"] = "1",
        }).Build());
        var queues = new ServiceBusAdministrationClient(bus.AdministrationConnectionString);
        await queues.CreateQueueAsync(DemandSignal.QueueOf("cpu"), Stop);
        await queues.CreateQueueAsync(DemandSignal.QueueOf("t4"), Stop);
        await using var ports = new AzurePorts(settings.Azure, TimeProvider.System, NullLoggerFactory.Instance);
        var engine = Substitute.For<IServingEngine>();
        engine.Plan.Returns(plan);
        engine.Problem.Returns(RunsHost.Planned().Problem);
        engine.Status().Returns(_ => Status());
        using var beacon = new DemandBeacon(settings, ports, new LokiApiContext { Engine = engine }, TimeProvider.System, NullLogger<DemandBeacon>.Instance);
        await beacon.StartAsync(Stop);

        await LooksAsync(2);
        Assert.Equal((0, 0), await CountsAsync(queues));
        Volatile.Write(ref _qps, 1);
        while (await CountsAsync(queues) == (0, 0))
            await Task.Delay(50, Stop);
        await beacon.StopAsync(Stop);
        return await CountsAsync(queues);
    }

    private async Task LooksAsync(int count)
    {
        for (var end = Volatile.Read(ref _looks) + count; Volatile.Read(ref _looks) < end;)
            await Task.Delay(50, Stop);
    }

    private EngineStatus Status()
    {
        Interlocked.Increment(ref _looks);
        return new EngineStatus(true, TimeSpan.Zero, "unified", 1, null, [new PipelineStatus("traffic", 100, Volatile.Read(ref _qps), 0, 0, 0, 0.9, null, [])], []);
    }

    private static async Task<(long Cpu, long T4)> CountsAsync(ServiceBusAdministrationClient queues) =>
        ((await queues.GetQueueRuntimePropertiesAsync(DemandSignal.QueueOf("cpu"), Stop)).Value.ActiveMessageCount,
            (await queues.GetQueueRuntimePropertiesAsync(DemandSignal.QueueOf("t4"), Stop)).Value.ActiveMessageCount);
}
