using System.Collections.Immutable;
using System.Text.Json;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.State;

public sealed class PlanDocumentTests
{
    [Fact]
    public async Task Parse_PlanOfAnEngine_RoutesTheSame()
    {
        await using var test = await TestEngine.StartAsync();
        var (plan, problem) = (test.Engine.Plan!, test.Engine.Problem! with { Headroom = 1.25 });
        var read = PlanDocument.Parse(PlanDocument.Of(plan, problem, true, DateTimeOffset.UnixEpoch, "me").ToJson());
        var again = read.ToProblem([.. problem.Pipelines.Select(p => p.Pipeline)]);
        Assert.Equal((plan.Version, plan.Policy, true, "me"), (read.Plan.Version, read.Plan.Policy, read.ScalesAccuracy, read.Planner));
        Assert.Equal(plan.Slots, read.Plan.Slots);
        Assert.Equal(problem.Profile.Rows, again.Profile.Rows);
        Assert.Equal(problem.Options, again.Options);
        Assert.Equal(1.25, again.Headroom);
        var (before, after) = (RoutingTable.Build(problem, plan), RoutingTable.Build(again, read.Plan));
        for (var task = 0; task < 3; task++)
            Assert.Equal(before.Options(0, task).ToArray(), after.Options(0, task).ToArray());
        for (var u = 0.0; u < 1; u += 0.01)
        {
            Assert.Equal(before.ChooseRoot(0, u), after.ChooseRoot(0, u));
            Assert.Equal(before.ChooseChild(0, 1, 0, u), after.ChooseChild(0, 1, 0, u));
        }
    }

    [Fact]
    public async Task Parse_StateOfATunerAndInfiniteTimes_ComeBack()
    {
        await using var test = await TestEngine.StartAsync();
        var seed = new PipelineSeed
        {
            PlannedUs = 5, RateQps = 3.5, LimitQps = 9, IsProvisional = true, Envelope = new TrafficEnvelope([10, 20], [1, 2]), P99Us = double.PositiveInfinity,
            Steps = ["one"], Stages = [new StageSeed(1, 0, 4, 2, 3, 12.5, 1.5)],
        };
        var plan = test.Engine.Plan! with
        {
            PredictedP99Us = [double.PositiveInfinity], ProcessingUs = [1e5],
            PolicyState = new TunerSeed([seed], [new DeviceType("cpu", 6, 0.5, 0.1)]),
        };
        var read = PlanDocument.Parse(PlanDocument.Of(plan, test.Engine.Problem!, false, DateTimeOffset.UnixEpoch).ToJson()).Plan;
        Assert.Equal((double.PositiveInfinity, 1e5), (read.PredictedP99Us[0], read.ProcessingUs[0]));
        var tuned = Assert.IsType<TunerSeed>(read.PolicyState).Pipelines[0];
        Assert.Equal((seed.PlannedUs, seed.ChangedUs, seed.RateQps, seed.LimitQps, seed.IsProvisional, seed.P99Us), (tuned.PlannedUs, tuned.ChangedUs, tuned.RateQps, tuned.LimitQps, tuned.IsProvisional, tuned.P99Us));
        Assert.Equal(seed.Stages, tuned.Stages);
        Assert.Equal(seed.Envelope.Counts, tuned.Envelope.Counts);
        Assert.Equal(((TunerSeed)plan.PolicyState).Devices, ((TunerSeed)read.PolicyState).Devices);
    }

    [Fact]
    public async Task Parse_StateOfAnyPolicy_ComesBackEqual()
    {
        await using var test = await TestEngine.StartAsync();
        var plan = test.Engine.Plan!;
        Assert.NotNull(plan.PolicyState);
        Assert.Equal(plan.PolicyState, PlanDocument.Parse(PlanDocument.Of(plan, test.Engine.Problem!, false, DateTimeOffset.UnixEpoch).ToJson()).Plan.PolicyState);
    }

    [Fact]
    public async Task ToProblem_OtherPipelines_AreRefusedByName()
    {
        await using var test = await TestEngine.StartAsync();
        var document = PlanDocument.Of(test.Engine.Plan!, test.Engine.Problem!, true, DateTimeOffset.UnixEpoch);
        var renamed = document with { Pipelines = [document.Pipelines[0] with { Tasks = [document.Pipelines[0].Tasks[0] with { Variants = ["else"] }, .. document.Pipelines[0].Tasks.Skip(1)] }] };
        var pipelines = test.Engine.Pipelines.Select(p => p.Pipeline).ToArray();
        Assert.Contains("differ: p.", Assert.Throws<FormatException>(() => renamed.ToProblem(pipelines)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => document.ToProblem([]));
    }

    [Fact]
    public async Task Parse_WhatIsNoPlan_IsRefused()
    {
        await using var test = await TestEngine.StartAsync();
        var document = PlanDocument.Of(test.Engine.Plan!, test.Engine.Problem!, true, DateTimeOffset.UnixEpoch);
        string[] bad =
        [
            "", "null", "{}", "[1]", (document with { Format = 2 }).ToJson(), (document with { Devices = [] }).ToJson(),
            (document with { Plan = document.Plan with { DemandQps = [] } }).ToJson(), (document with { Pipelines = [] }).ToJson(),
        ];
        Assert.All(bad, json => Assert.Throws<FormatException>(() => PlanDocument.Parse(json)));
        // Unknown members are a later build's.
        var known = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(document.ToJson())!;
        known["later"] = JsonSerializer.SerializeToElement(1);
        Assert.Equal(document.Plan.Version, PlanDocument.Parse(JsonSerializer.Serialize(known)).Plan.Version);
    }
}
