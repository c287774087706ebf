using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Infaas;
using ServerlessLoki.Profiles;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

// One slot carries 800, 400 and 200 rows/s of the variants 0 to 2 at batch 16; their accuracies are 2/3, 5/6 and 1.
public sealed class InfaasPolicyTests
{
    private static Plan Plan(PlanningProblem problem) => new InfaasPolicy().Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void Plan_Start_OneReplicaOfTheMostAccurate() => Assert.Equal([(2, 1)], Runs(Plan(Model(100, 4))));

    [Theory]
    [InlineData(190, 1)] // 0.95 of 200
    [InlineData(191, 2)]
    [InlineData(570, 3)]
    public void Plan_SlotsLeft_ReplicatesTheMostAccurateWhichCostsNothing(double demandQps, int replicas) =>
        Assert.Equal([(2, replicas)], Runs(Plan(Model(demandQps, 3))));

    [Fact]
    public void Plan_NoSlotLeft_SwitchesAsFewReplicasAsNeededToTheNearestVariant()
    {
        // Three replicas of v2 carry 600; 700 / 0.95 = 737 need 137 more: one replica as v1 brings 200 and costs 1/6, as v0 600 and 1/3.
        var problem = Model(700, 3) with { Previous = Plan(Model(570, 3)) };

        var plan = Plan(problem);

        Assert.Equal([(2, 2), (1, 1)], Runs(plan));
        Assert.Equal((1.0, "accuracy"), (plan.ServedShare[0], plan.Proof.Step));
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_LoadBetweenTheSlacks_ChangesNothing()
    {
        var first = Plan(Model(570, 3));

        Assert.Equal(Runs(first), Runs(Plan(Model(250, 3) with { Previous = first }))); // 250 / 600 = 0.42
    }

    [Fact]
    public void Plan_LoadBelowTheLowerSlack_GivesBackWhatTheRestCanDoWithout()
    {
        // 150 of 600: without one replica 150 of 400 is still below 0.4, without two 150 of 200 is not.
        Assert.Equal([(2, 1)], Runs(Plan(Model(150, 3) with { Previous = Plan(Model(570, 3)) })));
    }

    [Fact]
    public void Plan_LastReplicaIsAFastOneAndIdles_BecomesMoreAccurate()
    {
        var fast = Plan(Model(750, 1) with { Previous = Plan(Model(100, 1)) });

        Assert.Equal([(0, 1)], Runs(fast));
        Assert.Equal([(2, 1)], Runs(Plan(Model(100, 1) with { Previous = fast })));
    }

    [Fact]
    public void Plan_BeyondEverything_AllSlotsFastAndTheRestShed()
    {
        var problem = Model(1e5, 3);

        var plan = Plan(problem);

        Assert.Equal([(0, 3)], Runs(plan));
        Assert.Equal((2400 / 1e5, "overload"), (Math.Round(plan.ServedShare[0], 9), plan.Proof.Step));
    }

    [Fact]
    public void Plan_TwoModelsShort_TheOneInTheGreaterNeedIsFirst()
    {
        // b is at 2.85 times its capacity, a at 1.9: b takes the two free slots, which cost no accuracy, and a has to switch.
        var problem = Synthetic.Problem(
            [(Synthetic.Pipeline("a", 1000, [-1], 3), 380), (Synthetic.Pipeline("b", 1000, [-1], 3), 570)], [new DeviceType("cpu", 4)]);

        var plan = Plan(problem);

        Assert.Equal([(1, 1)], Runs(plan, 0));
        Assert.Equal([(2, 3)], Runs(plan, 1));
        Assert.All(plan.ServedShare, s => Assert.Equal(1, s));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomPipelinesOverTime_AlwaysValid(int seed)
    {
        var random = new Random(seed);
        var problem = Synthetic.Random(seed);
        for (var step = 0; step < 6; step++)
        {
            var plan = Plan(problem);

            Assert.Empty(PlanChecker.Faults(problem, plan));
            problem = problem with
            {
                Previous = plan,
                Pipelines = [.. problem.Pipelines.Select(p => p with { DemandQps = p.DemandQps * random.NextDouble() * 3 })],
            };
        }
    }

    [Theory]
    [InlineData(0, 0.4)]
    [InlineData(1.1, 0.4)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.9, -0.1)]
    public void Constructor_SlackOutOfBounds_Throws(double slack, double down) =>
        Assert.Throws<ArgumentException>(() => new InfaasPolicy(new InfaasOptions { Slack = slack, DownscaleSlack = down }));

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    private static (int Variant, int Replicas)[] Runs(Plan plan, int pipeline = 0) =>
        [.. plan.Slots.Where(s => s.Pipeline == pipeline).Select(s => (s.Variant, s.Replicas))];

    private static PlanningProblem Model(double demandQps, int slots) =>
        Synthetic.Problem([(Synthetic.Pipeline("p", 1000, [-1], 3), demandQps)], [new DeviceType("cpu", slots)]);
}
