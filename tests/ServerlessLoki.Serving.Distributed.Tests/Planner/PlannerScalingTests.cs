using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Tests.Planner;

/// <summary>What the planner asks the fleet for, and how a system at rest wakes.</summary>
public sealed class PlannerScalingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("loki")]
    [InlineData("unified")]
    [InlineData("inferline")]
    public async Task Step_NobodyAsks_WantsNothingAndMayRest(string policy)
    {
        await using var system = new RemoteSystem();
        await system.AddWorkerAsync(6);
        var fleet = new FakeFleet(12, price: 1);
        var planner = system.Planner(fleet, policy, leastSlots: 0);
        await SampleAsync(system, arrivals: 50, secondsAgo: 2);
        Assert.True((await planner.StepAsync(Token)).HasDemand);
        Assert.All(fleet.Asked, a => Assert.InRange(a.Slots, 3, 12));
        fleet.Asked.Clear();

        await system.State.PruneSamplesAsync(DemandReport.Series, DateTimeOffset.MaxValue, Token);
        await SampleAsync(system, arrivals: 0, secondsAgo: 2);
        var rest = await planner.StepAsync(Token);

        Assert.Equal((false, 0d), (rest.HasDemand, rest.DemandQps[0]));
        Assert.Equal([("cpu", 0)], fleet.Asked);
    }

    [Theory]
    [InlineData("loki")]
    [InlineData("unified")]
    [InlineData("inferline")]
    public async Task Step_OneQueryAMinuteAgoAndNoWorker_AsksForSlotsOfEveryTask(string policy)
    {
        await using var system = new RemoteSystem();
        var fleet = new FakeFleet(12, price: 1);
        await SampleAsync(system, arrivals: 1, secondsAgo: 60);
        await SampleAsync(system, arrivals: 0, secondsAgo: 2);

        var step = await system.Planner(fleet, policy, leastSlots: 0).StepAsync(Token);

        Assert.Equal((PlannerResult.NoSlots, true), (step.Result, step.HasDemand));
        Assert.InRange(Assert.Single(fleet.Asked).Slots, 3, 12);
    }

    [Fact]
    public async Task Step_DeviceThatNobodyMeasured_IsStartedOnceThereIsDemand()
    {
        await using var system = new RemoteSystem();
        await system.AddWorkerAsync(12);
        var fleet = new FakeFleet(12, price: 1) { More = [new DeviceType("t4", 4, 0.25, 5)] };
        var planner = system.Planner(fleet, "unified", leastSlots: 0);
        await planner.StepAsync(Token);
        Assert.Equal([("cpu", 0), ("t4", 0)], fleet.Asked);
        fleet.Asked.Clear();

        await SampleAsync(system, arrivals: 5, secondsAgo: 2);
        await planner.StepAsync(Token);
        Assert.Equal(1, Assert.Single(fleet.Asked, a => a.Device == "t4").Slots);
        fleet.Asked.Clear();

        // It turns out slow for its price.
        var rows = system.Profile.Rows.Select(r => r with { Device = "t4", P50Ms = r.P50Ms * 10, P99Ms = r.P99Ms * 10 });
        await MeasuredProfiles.PublishAsync(system.State, "t4", [.. rows.GroupBy(r => r.Variant).Select(g => new MeasuredVariant(g.Key, "digest", false, [.. g]))], Token);
        await planner.StepAsync(Token);
        Assert.Equal(0, Assert.Single(fleet.Asked, a => a.Device == "t4").Slots);
    }

    [Fact]
    public async Task Ask_NobodyServes_IsRefusedAtOnceAndWakesAWorker()
    {
        await using var system = new RemoteSystem();
        await system.PublishAsync("l", 1);
        var ingress = await system.AddIngressAsync();

        var refused = await RemoteSystem.AskAsync(ingress, patient: false);

        Assert.Equal((QueryOutcome.Unavailable, Dispatcher.WorkersIn), (refused.Outcome, refused.RetryAfter));
        var fleet = new FakeFleet(6, price: 1);
        var planner = system.Planner(fleet, leastSlots: 0);
        for (var steps = 0; !(await planner.StepAsync(Token)).HasDemand; steps++)
        {
            Assert.True(steps < 200, "The refused query was never demand.");
            await Task.Delay(50, Token);
        }

        Assert.InRange(fleet.Asked.Last().Slots, 3, 6);

        await system.AddWorkerAsync(6);
        for (var asked = 0; (await RemoteSystem.AskAsync(ingress, patient: false)).Outcome != QueryOutcome.Completed; asked++)
        {
            Assert.True(asked < 200, "Nobody served although a worker came.");
            await planner.StepAsync(Token);
            await Task.Delay(50, Token);
        }
    }

    [Fact]
    public async Task Status_FleetRefuses_IsSeenAtEveryInstance()
    {
        await using var system = new RemoteSystem();
        var ingress = await system.AddIngressAsync();
        var refused = new FleetStatus("cpu", 0, 6, null, "403: the identity may not", DateTimeOffset.UnixEpoch);
        var fleet = new FakeFleet(6) { Status = [refused] };
        await system.Planner(fleet).StepAsync(Token);
        await RemoteSystem.UntilAsync(() => ingress.Status().Fleet.Length == 1);
        Assert.Equal(refused, ingress.Status().Fleet[0]);
        Assert.Contains("403: the identity may not", ingress.Status().LastFault, StringComparison.Ordinal);

        fleet.Status = [refused with { Failure = null, FailedAt = null }];
        await system.Planner(fleet).StepAsync(Token);
        await RemoteSystem.UntilAsync(() => ingress.Status().LastFault is null);
    }

    private static ValueTask SampleAsync(RemoteSystem system, int arrivals, int secondsAgo) => system.State.AddSampleAsync(
        DemandReport.Series, "i", DateTimeOffset.UtcNow.AddSeconds(-secondsAgo),
        StateJson.Write(new DemandReport([new PipelineDemandReport { Name = "p", Arrivals = arrivals }])), Token);
}
