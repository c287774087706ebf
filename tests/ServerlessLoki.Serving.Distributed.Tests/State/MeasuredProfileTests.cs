using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.Planner;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Tests.State;

/// <summary>Latencies that only workers know.</summary>
public sealed class MeasuredProfileTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("loki")]
    [InlineData("unified")]
    [InlineData("inferline")]
    public async Task Step_NoProfileButAWorkerThatMeasured_PlansByItAndServes(string policy)
    {
        await using var system = new RemoteSystem { Known = new LatencyProfile([]) };
        await system.AddWorkerAsync(6);
        var ingress = await system.AddIngressAsync();
        var planner = system.Planner(new FakeFleet(6), policy);
        Assert.Equal(PlannerResult.NoProfile, (await planner.StepAsync(Token)).Result);
        Assert.Equal(QueryOutcome.Unavailable, (await RemoteSystem.AskAsync(ingress)).Outcome);

        await MeasuredProfiles.PublishAsync(system.State, "cpu", Measured(system), Token);
        var step = await planner.StepAsync(Token);

        Assert.Equal((PlannerResult.Published, 1d), (step.Result, step.Plan!.ServedShare[0]));
        await RemoteSystem.UntilAsync(() => ingress.IsReady);
        Assert.Equal(QueryOutcome.Completed, (await RemoteSystem.AskAsync(ingress)).Outcome);
        // The fastest path needs two batches of 1 ms; without latencies nothing could be refused as impossible.
        for (var asked = 0; (await RemoteSystem.AskAsync(ingress, TimeSpan.FromMilliseconds(1.5))).Outcome != QueryOutcome.Invalid; asked++)
        {
            Assert.True(asked < 500, "The ingress never learnt what was measured.");
            await Task.Delay(20, Token);
        }

        Assert.NotNull(ingress.Profile.Find("look-s", "cpu"));
    }

    [Fact]
    public async Task Publish_ManyWorkersAtOnce_LosesNothing()
    {
        await using var system = new RemoteSystem();
        var measured = Measured(system);
        await Task.WhenAll(measured.Select(m => Task.Run(() => MeasuredProfiles.PublishAsync(system.State, "cpu", [m], Token).AsTask(), Token)));
        Assert.Equal(measured.Select(m => m.Variant).Order(), (await MeasuredProfiles.ReadAsync(system.State, "cpu", Token)).Select(m => m.Variant));
    }

    [Theory]
    [InlineData("digest", false)]
    [InlineData("of-another-file", true)]
    public async Task Publish_ByAWorkerWithoutTheDevice_DoesNotReplaceWhatTheDeviceDid(string model, bool replaces)
    {
        await using var system = new RemoteSystem();
        var measured = Measured(system)[0];
        await MeasuredProfiles.PublishAsync(system.State, "t4", [measured], Token);
        await MeasuredProfiles.PublishAsync(system.State, "t4", [measured with { IsFallback = true, Model = model }], Token);
        Assert.Equal(replaces, Assert.Single(await MeasuredProfiles.ReadAsync(system.State, "t4", Token)).IsFallback);
    }

    private static MeasuredVariant[] Measured(RemoteSystem system) =>
        [.. system.Profile.Rows.GroupBy(r => r.Variant).Select(g => new MeasuredVariant(g.Key, "digest", false, [.. g]))];
}
