using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using NSubstitute;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Functions.Timers;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Housekeeping over real storage, three days after the traces were left.</summary>
[Collection(StoredApp.Collection)]
public sealed class HousekeepingTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clean_WhatDeadHostsLeft_IsRemovedStartedOrEnded()
    {
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, Stop);
        await using var app = await StoredApp.StartAsync(await azurite.ConnectionStringAsync(), bus);
        await app.PlannerAsync();
        var (state, now) = (app.Ports.State, DateTimeOffset.UtcNow);
        await state.ClaimAsync("place/of-the-dead", "nobody", now, TimeSpan.FromSeconds(1), Stop);
        await state.ClaimAsync("place/of-the-living", "somebody", now, TimeSpan.FromDays(30), Stop);
        var payload = await app.Ports.Payloads.PutAsync(new byte[1000], Stop);
        var (forgotten, broken) = (Run(now), Run(now));
        await state.AcceptAsync(forgotten, new byte[10], Stop);
        await state.AcceptAsync(broken, new byte[10], Stop);
        var client = Substitute.For<DurableTaskClient>("test");
        client.GetInstanceAsync(broken.Id, Arg.Any<CancellationToken>())
            .Returns(new OrchestrationMetadata("RunPipeline", broken.Id) { RuntimeStatus = OrchestrationRuntimeStatus.Terminated });
        client.GetInstanceAsync(forgotten.Id, Arg.Any<CancellationToken>()).Returns((OrchestrationMetadata?)null);

        await app.Function<Housekeeping>(new Later()).Clean(new TimerInfo(), client, Stop);

        Assert.Null(await app.Ports.Payloads.FindAsync(payload, Stop));
        Assert.Equal(0, await state.DeleteExpiredLeasesAsync(now + TimeSpan.FromDays(2), Stop));
        Assert.Single(await state.LeasesAsync("place/of-the-living", now, Stop));
        await client.Received(1).ScheduleNewOrchestrationInstanceAsync(
            Arg.Is<TaskName>(n => n.Name == nameof(PipelineRun.RunPipeline)), Arg.Any<object?>(), Arg.Is<StartOrchestrationOptions?>(o => o!.InstanceId == forgotten.Id), Arg.Any<CancellationToken>());
        Assert.Equal(RunState.Accepted, (await state.FindRunAsync(forgotten.Id, Stop))!.State);
        Assert.Equal(RunState.Failed, (await state.FindRunAsync(broken.Id, Stop))!.State);
    }

    private static RunRecord Run(DateTimeOffset created) =>
        new() { Id = Guid.NewGuid().ToString("N"), Pipeline = "traffic", Payload = "", Parameters = "{}", Created = created, State = RunState.Accepted };

    private sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromDays(3);
    }
}
