using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Azure.Fleet;
using ServerlessLoki.Azure.Tests.Doubles;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Tests.Fleet;

public sealed class ContainerAppsFleetTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeArm.Credential _credential = new();
    private FakeArm _arm = null!;
    private ContainerAppsFleet _fleet = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FleetAppStatus Cpu => _fleet.Status[0];

    public async ValueTask InitializeAsync()
    {
        _arm = await FakeArm.StartAsync();
        _arm.Add(Id("cpu"), min: 2, max: 5);
        _arm.Add(Id("t4"), min: 0, max: 3);
        _fleet = Fleet(_credential);
    }

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        await _arm.DisposeAsync();
    }

    [Fact]
    public async Task Scale_First_LearnsThePlatformsReplicas()
    {
        Assert.Equal([new DeviceType("cpu", 4, 1, 0.5), new DeviceType("t4", 0, 1, 1)], _fleet.Kept);
        Assert.False(await _fleet.ScaleAsync("cpu", 8, Token));
        Assert.Equal([new DeviceType("cpu", 8, 1, 0.5), new DeviceType("t4", 0, 1, 1)], _fleet.Kept);
        Assert.Equal([new DeviceType("cpu", 40, 1, 0.5), new DeviceType("t4", 2, 1, 1)], _fleet.Devices);
        Assert.All(_credential.Scopes, s => Assert.Equal(_arm.Endpoint.AbsoluteUri + ".default", s));
        Assert.Equal(
            [new FleetStatus("cpu", 8, 8, null, null, null), new FleetStatus("t4", null, null, null, null, null)], ((IFleet)_fleet).Status);
    }

    [Fact]
    public async Task Scale_OthersSetItBack_IsNoticedAfterAWhile()
    {
        Assert.True(await _fleet.ScaleAsync("cpu", 16, Token));
        // As a deployment does.
        _arm.Add(Id("cpu"), min: 1, max: 10);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await _fleet.ScaleAsync("cpu", 16, Token));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await _fleet.ScaleAsync("cpu", 16, Token));
        Assert.Equal(4, (int)_arm.Scale(Id("cpu"))["minReplicas"]!);
    }

    [Fact]
    public async Task Scale_Up_SetsBothBoundsAndNothingElse()
    {
        Assert.True(await _fleet.ScaleAsync("cpu", 13, Token));
        Assert.Equal("""{"minReplicas":4,"maxReplicas":10,"rules":["keda"]}""", _arm.Scale(Id("cpu")).ToJsonString());
        Assert.Equal("""PATCH {"properties":{"template":{"scale":{"minReplicas":4,"maxReplicas":10}}}}""", Assert.Single(_arm.Patches));
        Assert.Equal(16, _fleet.Kept[0].Slots);
        Assert.Equal(new FleetAppStatus("cpu", 4, 4, _clock.GetUtcNow(), null, null), Cpu);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(int.MaxValue, 10)]
    public async Task Scale_BeyondTheBounds_StopsAtThem(int slots, int replicas)
    {
        for (var minute = 0; minute < 12; minute++)
        {
            await _fleet.ScaleAsync("cpu", slots, Token);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(replicas, (int)_arm.Scale(Id("cpu"))["minReplicas"]!);
    }

    [Fact]
    public async Task Scale_UpAgainAtOnce_WaitsForItsTime()
    {
        Assert.True(await _fleet.ScaleAsync("cpu", 12, Token));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await _fleet.ScaleAsync("cpu", 24, Token));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.True(await _fleet.ScaleAsync("cpu", 24, Token));
        Assert.Equal(2, _arm.Patches.Count());
    }

    [Fact]
    public async Task Scale_Down_WaitsAndKeepsTheMostThatWasWished()
    {
        Assert.True(await _fleet.ScaleAsync("cpu", 40, Token));
        var changes = new List<(int Minute, int Slots)>();
        for (var minute = 1; minute <= 14; minute++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            // A dip, a short peak of 20 slots at minute 4, then little.
            if (await _fleet.ScaleAsync("cpu", minute == 4 ? 20 : 4, Token))
                changes.Add((minute, _fleet.Kept[0].Slots));
        }

        Assert.Equal([(6, 20), (11, 4)], changes);
    }

    [Fact]
    public async Task Scale_ToWhatIs_AsksOnceAndChangesNothing()
    {
        for (var i = 0; i < 3; i++)
            Assert.False(await _fleet.ScaleAsync("cpu", 8, Token));
        Assert.Single(_arm.Requests);
    }

    [Fact]
    public async Task Scale_WhileAChangeIsUnderWay_Waits()
    {
        _arm.Add(Id("cpu"), min: 2, max: 5, provisioningState: "InProgress");
        Assert.False(await _fleet.ScaleAsync("cpu", 20, Token));
        Assert.Empty(_arm.Patches);
        _arm.Add(Id("cpu"), min: 2, max: 5);
        Assert.True(await _fleet.ScaleAsync("cpu", 20, Token));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(404)]
    public async Task Scale_Refused_KeepsTheLastStateAndSaysSo(int status)
    {
        await _fleet.ScaleAsync("cpu", 8, Token);
        _arm.Refuse(status);
        Assert.False(await _fleet.ScaleAsync("cpu", 20, Token));
        Assert.Equal((2, 5, _clock.GetUtcNow()), (Cpu.Replicas, Cpu.Wanted, Cpu.FailedAt));
        Assert.Contains("said the test", Cpu.Failure, StringComparison.Ordinal);
        Assert.Equal((8, 20, Cpu.Failure), (((IFleet)_fleet).Status[0].Slots, ((IFleet)_fleet).Status[0].Wanted, ((IFleet)_fleet).Status[0].Failure));
        Assert.Equal(8, _fleet.Kept[0].Slots);

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await _fleet.ScaleAsync("cpu", 20, Token));
        Assert.Empty(_arm.Patches);
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.True(await _fleet.ScaleAsync("cpu", 20, Token));
        Assert.Equal((5, null), (Cpu.Replicas, Cpu.Failure));
    }

    [Fact]
    public async Task Scale_PatchRefused_KeepsTheLastState()
    {
        await _fleet.ScaleAsync("cpu", 8, Token);
        _arm.Refuse(400);
        Assert.False(await _fleet.ScaleAsync("cpu", 20, Token));
        Assert.Equal(2, (int)_arm.Scale(Id("cpu"))["minReplicas"]!);
        Assert.Equal(8, _fleet.Kept[0].Slots);
        Assert.NotNull(Cpu.Failure);
    }

    [Fact]
    public async Task Scale_BusyPlatform_IsTriedAgainAtOnce()
    {
        await _fleet.ScaleAsync("cpu", 8, Token);
        _arm.Refuse(503);
        Assert.True(await _fleet.ScaleAsync("cpu", 20, Token));
    }

    [Fact]
    public async Task Scale_WithoutIdentity_SaysSo()
    {
        using var fleet = Fleet(new FakeArm.Credential(works: false));
        Assert.False(await fleet.ScaleAsync("cpu", 20, Token));
        Assert.Equal("No identity here.", fleet.Status[0].Failure);
        Assert.Equal(4, fleet.Kept[0].Slots);
    }

    [Fact]
    public async Task Scale_OneDevice_LeavesTheOther()
    {
        Assert.True(await _fleet.ScaleAsync("t4", 2, Token));
        Assert.Equal((2, 2), ((int)_arm.Scale(Id("t4"))["minReplicas"]!, (int)_arm.Scale(Id("cpu"))["minReplicas"]!));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _fleet.ScaleAsync("a100", 1, Token));
    }

    [Fact]
    public void Options_Bad_AreRefusedWithEveryFault()
    {
        var options = new FleetOptions
        {
            Apps =
            [
                new ContainerAppOptions { Device = "cpu", AppId = "my-app", MinReplicas = -1, MaxReplicas = 0, SlotsPerReplica = 0, PricePerHour = double.NaN },
                new ContainerAppOptions { Device = "cpu", AppId = Id("cpu"), MinReplicas = 3, MaxReplicas = 2, SlotsPerReplica = 1 },
            ],
        };
        var e = Assert.Throws<ArgumentException>(() => new ContainerAppsFleet(options, _credential, NullLogger<ContainerAppsFleet>.Instance));
        foreach (var fault in (string[])
                 ["Fleet__0__AppId: found 'my-app'", "Fleet__0__MaxReplicas: found 0", "Fleet__0__MinReplicas: found -1", "Fleet__0__SlotsPerReplica: found 0", "Fleet__0__PricePerHour: found NaN", "Fleet__1__MinReplicas: found 3", "'cpu' 2 times"])
            Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }

    private static string Id(string device) => $"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-loki/providers/Microsoft.App/containerApps/ca-{device}";

    private ContainerAppsFleet Fleet(FakeArm.Credential credential) => new(
        new FleetOptions
        {
            Endpoint = _arm.Endpoint,
            Apps =
            [
                new ContainerAppOptions { Device = "cpu", AppId = Id("cpu"), MinReplicas = 1, MaxReplicas = 10, SlotsPerReplica = 4, PricePerHour = 2 },
                new ContainerAppOptions { Device = "t4", AppId = Id("t4"), MinReplicas = 0, MaxReplicas = 2, SlotsPerReplica = 1, PricePerHour = 1 },
            ],
        },
        credential, NullLogger<ContainerAppsFleet>.Instance, _clock, _arm.Transport());
}
