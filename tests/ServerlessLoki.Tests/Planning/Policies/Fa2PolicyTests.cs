using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Ipa;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class Fa2PolicyTests
{
    private static Plan Plan(Fa2Policy policy, PlanningProblem problem) => policy.Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void Plan_Low_LeastAccurateVariantsWithTheReplicasThatTheLoadNeeds()
    {
        // v0 takes 2 · (0.4 + 0.6 b) ms: 500, 625, 714 rows/s at batch 1, 2, 4; the smallest batch that two replicas need is 4.
        var problem = Synthetic.Problem(1400, 8, -1, 0);

        var plan = Plan(Fa2Policy.Low(), problem);

        Assert.Equal([(0, 0, 2, 4), (1, 0, 2, 4)], plan.Slots.Select(s => (s.Task, s.Variant, s.Replicas, s.Batch)));
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_High_MostAccurateVariantsWhateverTheyCost()
    {
        var plan = Plan(Fa2Policy.High(new Fa2Options { Objective = new IpaOptions { CoreWeight = 1000 } }), Synthetic.Problem(20, 8, -1, 0));

        Assert.Equal([3, 3], plan.Slots.Select(s => s.Variant));
    }

    [Fact]
    public void Plan_HighWhereTheMostAccurateAreTooSlow_TheBestThatEndsInTime()
    {
        // A single row takes 2, 4, 8 and 16 ms: of two tasks in 25 ms only one can run the slowest.
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 25, [-1, 0], 4), 10)], [new("cpu", 4)]);

        var plan = Plan(Fa2Policy.High(), problem);

        Assert.Equal([2, 3], plan.Slots.Select(s => s.Variant).Order());
    }

    [Fact]
    public void Plan_HighBeyondCapacity_ShedsAndKeepsTheVariant()
    {
        var problem = Synthetic.Problem(1e5, 4, -1);

        var plan = Plan(Fa2Policy.High(), problem);

        Assert.Equal([3], plan.Slots.Select(s => s.Variant));
        Assert.Equal(4 * problem.Profile.Find("p-t0-v3", "cpu")!.ThroughputQps(16) / 1e5, plan.ServedShare[0], 1e-4);
    }

    [Fact]
    public void Plan_PinnedVariant_IsTaken()
    {
        var pinned = new Fa2Options { Variants = ImmutableDictionary<string, string>.Empty.Add("t0", "p-t0-v1") };

        Assert.Equal([1, 0], Plan(Fa2Policy.Low(pinned), Synthetic.Problem(20, 8, -1, 0)).Slots.Select(s => s.Variant));
    }

    [Fact]
    public void Plan_PinsThatDoNotExist_RefusesAndNamesAll()
    {
        var pinned = new Fa2Options { Variants = ImmutableDictionary<string, string>.Empty.Add("t0", "resnet").Add("detect", "yolo") };

        var refusal = Assert.Throws<PlanningRefusedException>(() => Plan(Fa2Policy.Low(pinned), Synthetic.Problem(20, 8, -1)));

        Assert.Equal(["$.variants.detect", "$.variants.t0"], refusal.Faults.Select(f => f.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Low_NegativeWeight_Throws() =>
        Assert.Throws<ArgumentException>(() => Fa2Policy.Low(new Fa2Options { Objective = new IpaOptions { CoreWeight = -1 } }));
}
