using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using ServerlessLoki.Functions.Timers;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Functions.Tests;

/// <summary>The planner's timer over real storage.</summary>
[Collection(StoredApp.Collection)]
public sealed class PlannerTimerTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_TwoInstancesAndAWorker_OnePublishesAndTheTimerKeepsIt()
    {
        var storage = await azurite.ConnectionStringAsync();
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, Stop);
        await using var one = await StoredApp.StartAsync(storage, bus);
        await using var two = await StoredApp.StartAsync(storage, bus);
        PlannerCycle[] planners = [await one.PlannerAsync(), await two.PlannerAsync()];
        await RegisterAsync(one, "w1");

        var steps = await Task.WhenAll(planners.Select(p => p.StepAsync(Stop)));

        // The later one loses by the version, or finds the plan there when it comes much later.
        Assert.Single(steps, s => s.Result == PlannerResult.Published);
        Assert.Single(steps, s => s.Result is PlannerResult.Lost or PlannerResult.Kept);
        var plan = PlanDocument.Parse((await one.Ports.State.ReadDocumentAsync(PlanDocument.Name, Stop))!.Json);
        Assert.Equal(1, plan.Plan.Version);
        Assert.Equal([1d], plan.Plan.ServedShare);

        // Nobody asks anything: one step, and the timer rests until it is due again.
        await two.Function<PlannerTimer>().Plan(new TimerInfo(), Stop);

        // A worker more, and somebody asks: the timer's function plans for it, again and again until it is told to stop.
        await RegisterAsync(two, "w2");
        var demand = new DemandReport([new PipelineDemandReport { Name = "traffic", Arrivals = 3 }]);
        await one.Ports.State.AddSampleAsync(DemandReport.Series, "test", DateTimeOffset.UtcNow.AddSeconds(-5), JsonSerializer.Serialize(demand, JsonSerializerOptions.Web), Stop);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var timer = two.Function<PlannerTimer>().Plan(new TimerInfo(), enough.Token);
        await Patience.UntilAsync(
            async () => PlanDocument.Parse((await one.Ports.State.ReadDocumentAsync(PlanDocument.Name, Stop))!.Json).Devices[0].Slots == 8, "the plan has the second worker's slots");
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => timer);
    }

    private static async Task RegisterAsync(StoredApp app, string worker)
    {
        var now = DateTimeOffset.UtcNow;
        var report = new WorkerReport { Worker = worker, Device = "cpu", Slots = 4 };
        await app.Ports.State.ClaimAsync($"{WorkerReport.LeasePrefix}cpu/{worker}", worker, now, TimeSpan.FromMinutes(5), Stop);
        await app.Ports.State.AddSampleAsync(WorkerReport.Series, worker, now, JsonSerializer.Serialize(report, JsonSerializerOptions.Web), Stop);
    }
}
