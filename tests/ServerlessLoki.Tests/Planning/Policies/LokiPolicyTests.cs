using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class LokiPolicyTests
{
    private static readonly LokiPolicy Policy = new(new BranchAndBoundSolver());

    private static Plan Plan(PlanningProblem problem) => Policy.Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void Plan_BranchingPipelineAboveHardwareLimit_BranchesAgreeAndNothingIsOverloaded()
    {
        var problem = Synthetic.Problem(300, 8, -1, 0, 0);

        var plan = Plan(problem);

        Assert.Equal("accuracy", plan.Proof.Step);
        Assert.Empty(PlanChecker.Faults(problem, plan));
        Assert.Equal([1, 2], plan.Flows.Select(f => f.Steps[^1].Task).Distinct().Order());
    }

    [Fact]
    public void Plan_ThreeStagesWithTightObjective_NoPathBreaksTheLatencyRule()
    {
        var pipeline = Synthetic.Pipeline("p", 90, [-1, 0, 1], 3);
        var problem = Synthetic.Problem([(pipeline, 400)], [new DeviceType("cpu", 10)]);

        var plan = Plan(problem);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        foreach (var flow in plan.Flows)
        {
            var us = flow.Steps.Sum(s => plan.Slots.Single(g => g.Task == s.Task && g.Variant == s.Variant).LatencyUs);
            Assert.True(us <= 45_000 * 1.000001, $"{string.Join(',', flow.Steps)} takes {us} µs");
        }
    }

    [Fact]
    public void Plan_NoDemand_OneSlotOfTheMostAccurateForEveryTask()
    {
        var plan = Plan(Synthetic.Problem(0, 8, -1, 0, 0));

        Assert.Equal([(0, 3, 1), (1, 3, 1), (2, 3, 1)], plan.Slots.Select(s => (s.Task, s.Variant, s.Replicas)));
        Assert.Equal(1, plan.Accuracy, 1e-9);
    }

    [Fact]
    public void Plan_TwoPipelines_BothServedOnSharedSlots()
    {
        var one = Synthetic.Pipeline("one", 200, [-1, 0], 4);
        var two = Synthetic.Pipeline("two", 200, [-1], 4);
        var problem = Synthetic.Problem([(one, 250), (two, 250)], [new DeviceType("cpu", 6)]);

        var plan = Plan(problem);

        Assert.Equal("accuracy", plan.Proof.Step);
        Assert.Empty(PlanChecker.Faults(problem, plan));
        Assert.Equal([0, 1], plan.Slots.Select(s => s.Pipeline).Distinct().Order());
    }

    [Fact]
    public void Plan_VariantThatRunsOnOneDeviceOnly_IsPlacedThere()
    {
        var pipeline = Synthetic.Pipeline("p", 200, [-1], 2);
        var problem = Synthetic.Problem([(pipeline, 20)], [new DeviceType("cpu", 4), new DeviceType("gpu", 2)]) with
        {
            Profile = new LatencyProfile([
                .. Synthetic.Profile(pipeline, "cpu").Where(r => r.Variant == "p-t0-v0"), .. Synthetic.Profile(pipeline, "gpu")]),
        };

        var plan = Plan(problem);

        Assert.Equal((1, 1), (plan.Slots.Single().Variant, plan.Slots.Single().Device));
    }

    [Fact]
    public void Plan_HalfASlotShare_NeedsTwiceTheSlots()
    {
        var pipeline = Synthetic.Pipeline("p", 200, [-1], 3);
        var whole = Plan(Synthetic.Problem([(pipeline, 300)], [new DeviceType("cpu", 40)]));
        var half = Plan(Synthetic.Problem([(pipeline, 300)], [new DeviceType("cpu", 40, SlotShare: 0.5)]));

        Assert.Equal(whole.Slots.Single().LatencyUs, half.Slots.Single().LatencyUs);
        Assert.InRange(half.Replicas, (2 * whole.Replicas) - 1, 2 * whole.Replicas);
    }

    [Fact]
    public void Plan_FewerSlotsThanTasks_ServesWhatItCanWithoutThrowing()
    {
        var one = Synthetic.Pipeline("one", 200, [-1, 0, 1], 2);
        var two = Synthetic.Pipeline("two", 200, [-1], 2);

        var plan = Plan(Synthetic.Problem([(one, 10), (two, 10)], [new DeviceType("cpu", 2)]));

        Assert.Equal([0.0, 1.0], plan.ServedShare);
    }

    [Fact]
    public void Plan_ObjectiveShorterThanAnyPath_ShedsAllAndSaysWhy()
    {
        var pipeline = Synthetic.Pipeline("p", 1, [-1, 0], 2);

        var plan = Plan(Synthetic.Problem([(pipeline, 10)], [new DeviceType("cpu", 4)]));

        Assert.Equal(0, plan.ServedShare[0]);
        Assert.Empty(plan.Slots);
        Assert.Contains(plan.Why, w => w.Contains("cannot be served", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_ObjectiveWithoutRoomForQueueing_StillServes()
    {
        // One row of the fastest variant takes 2 ms; half of 3 ms is not enough, all of it is.
        var pipeline = Synthetic.Pipeline("p", 3, [-1], 2);

        var plan = Plan(Synthetic.Problem([(pipeline, 10)], [new DeviceType("cpu", 4)]));

        Assert.Equal(1, plan.ServedShare[0]);
    }

    [Fact]
    public void Plan_FillLeftover_UsesEverySlotAndKeepsAccuracy()
    {
        var problem = Synthetic.Problem(50, 12, -1, 0);

        var tight = Plan(problem);
        var filled = Plan(problem with { Options = problem.Options with { FillLeftover = true } });

        Assert.True(tight.Replicas < 12);
        Assert.Equal(12, filled.Replicas);
        Assert.Equal(tight.Accuracy, filled.Accuracy, 1e-9);
    }

    [Fact]
    public void Plan_ChildlessDetector_StillKeepsASlotForTheChildTask()
    {
        var problem = Synthetic.Problem(50, 6, -1, 0);
        problem = problem with
        {
            Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([[0, 0, 0, 0]]) }],
        };

        Assert.Contains(Plan(problem).Slots, s => s.Task == 1);
    }

    [Fact]
    public void Plan_SameProblemTwice_SamePlan()
    {
        var problem = Synthetic.Random(11);

        var (a, b) = (Plan(problem), Plan(problem));

        Assert.Equal(a.Slots, b.Slots);
        Assert.Equal(a.Flows.Select(f => (string.Join(',', f.Steps), f.Qps)), b.Flows.Select(f => (string.Join(',', f.Steps), f.Qps)));
    }

    [Theory]
    [InlineData(150, "hardware")]
    [InlineData(600, "accuracy")]
    public void Plan_PreviousPlanEquallyGood_SwapsNothing(double demandQps, string step)
    {
        // Two variants that differ in name only: whichever runs must go on running.
        var pipeline = Synthetic.Pipeline("p", 200, [-1], 1);
        var twins = TestPipelines.Read(
            """
            { "name": "p", "sloMs": 200, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [{"name": "t0", "variants": [ {"name": "a", "model": "m", "accuracy": 1}, {"name": "b", "model": "m", "accuracy": 1},
                                                     {"name": "fast", "model": "m", "accuracy": 0.5} ]}] }
            """);
        var rows = Synthetic.Profile(pipeline, "cpu", 8).ToList();
        var problem = Synthetic.Problem([(twins, demandQps)], [new DeviceType("cpu", 2)]) with
        {
            Profile = new LatencyProfile([
                .. rows.Select(r => r with { Variant = "a" }), .. rows.Select(r => r with { Variant = "b" }),
                .. Synthetic.Profile(pipeline, "cpu", 1).Select(r => r with { Variant = "fast" })]),
        };
        var first = Plan(problem);
        Assert.Equal(step, first.Proof.Step);
        var mirrored = first with { Slots = [.. first.Slots.Select(s => s.Variant < 2 ? s with { Variant = 1 - s.Variant } : s)] };

        foreach (var previous in new[] { first, mirrored })
        {
            var next = Plan(problem with { Previous = previous });
            Assert.Equal(previous.Slots.Select(s => s.Variant).Order(), next.Slots.Select(s => s.Variant).Order());
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomProblem_KeepsEveryConstraint(int seed)
    {
        var problem = Synthetic.Random(seed);

        var plan = Plan(problem);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        Assert.All(plan.ServedShare, s => Assert.InRange(s, 0, 1));
        Assert.Equal(problem.Pipelines.Length, plan.PredictedP99Us.Length);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];
}
