using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Ipa;
using ServerlessLoki.Profiles;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class RimPolicyTests
{
    private static Plan Plan(PlanningProblem problem, RimOptions? options = null) =>
        new RimPolicy(options).Plan(problem, TestContext.Current.CancellationToken);

    // Two replicas carry 2 · 16 / 10 ms = 1600, 800, 400 and 200 rows/s at batch 16 of the variants 0 to 3.
    [Theory]
    [InlineData(0, 3)]
    [InlineData(199, 3)]
    [InlineData(201, 2)]
    [InlineData(401, 1)]
    [InlineData(801, 0)]
    [InlineData(5000, 0)]
    public void Plan_AnyLoad_SameReplicasAndTheMostAccurateVariantThatCarriesIt(double demandQps, int variant)
    {
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 1000, [-1], 4), demandQps)], [new("cpu", 2)]);

        var plan = Plan(problem);

        var slot = Assert.Single(plan.Slots);
        Assert.Equal((variant, 2), (slot.Variant, slot.Replicas));
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_NamedReplicas_AreTakenAndTheOtherTasksShareEqually()
    {
        var replicas = new RimOptions { Replicas = ImmutableDictionary<string, int>.Empty.Add("t0", 5) };

        Assert.Equal([5, 4], Plan(Synthetic.Problem(20, 9, -1, 0), replicas).Slots.Select(s => s.Replicas));
    }

    [Fact]
    public void Plan_VariantsWithCores_EqualSharesInReplicasOfTheLargest()
    {
        var problem = Synthetic.Problem(20, 12, -1, 0) with
        {
            Cores = new CoreProfile { CoresPerReplica = ImmutableDictionary<string, int>.Empty.Add("p-t0-v3", 3) },
        };

        Assert.Equal([2, 6], Plan(problem).Slots.Select(s => s.Replicas));
    }

    [Fact]
    public void Constructor_NoReplicas_Throws() =>
        Assert.Throws<ArgumentException>(() => new RimPolicy(new RimOptions { Replicas = ImmutableDictionary<string, int>.Empty.Add("t0", 0) }));
}
