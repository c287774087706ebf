using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.Shared;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary><c>unified</c> serves no less than any policy that is published, from objectives that leave no time to wait to generous ones, from one slot
/// to forty, and from 1 to 500 queries per second.</summary>
public sealed class UnifiedAgainstOthersTests
{
    private const double FastestTaskMs = 2;

    /// <summary>One in a hundred may be late: the objective is a 99th percentile.</summary>
    private const double LateShare = 0.01;

    private static readonly string[] Others =
    [
        PlanningPolicies.Loki, PlanningPolicies.HardwareOnly, PlanningPolicies.Proteus, PlanningPolicies.Infaas, PlanningPolicies.InferLine,
        PlanningPolicies.InferLineRelative, PlanningPolicies.Ipa, PlanningPolicies.ClipperHa, PlanningPolicies.ClipperHt,
    ];

    [Fact]
    public void Plan_AnyObjectiveSlotsAndLoad_ServesNoLessThanAnyOther() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var (problem, name) = Draw(random, slots: random.Next(1, 41), factor: 1 + (2 * random.NextDouble()));
        var own = Plan(PlanningPolicies.Unified, problem);
        var inTime = InTime(problem, own);
        Assert.Empty(PlanChecker.Faults(problem, own));
        foreach (var other in Others)
        {
            var plan = Plan(other, problem);
            Assert.True(own.ServedShare[0] >= plan.ServedShare[0] - 1e-6, $"{name}: serves {own.ServedShare[0]}, {other} {plan.ServedShare[0]}. {string.Join(" ", own.Why)}");
            var otherInTime = InTime(problem, plan);
            Assert.True(inTime >= otherInTime - LateShare, $"{name}: {inTime} in time, {other} {otherInTime}. {string.Join(" ", own.Why)}");
        }
    }).Check(Properties.Cases());

    [Fact]
    public void Plan_MoreSlots_ServesNoLess() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var factor = 1 + (2 * random.NextDouble());
        var least = 0.0;
        foreach (var slots in new[] { 1, 2, 3, 4, 6, 9, 14, 25, 40 })
        {
            var (problem, name) = Draw(new Random(seed + 1), slots, factor);
            var plan = Plan(PlanningPolicies.Unified, problem);
            Assert.True(plan.ServedShare[0] >= least - 1e-6, $"{name}: {plan.ServedShare[0]} on {slots} slots, {least} on fewer. {string.Join(" ", plan.Why)}");
            least = plan.ServedShare[0];
        }
    }).Check(Properties.Cases(40));

    [Fact]
    public void Plan_MoreTime_ServesNoLess() => Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
    {
        var slots = new Random(seed).Next(1, 41);
        var least = 0.0;
        foreach (var factor in new[] { 1, 1.05, 1.1, 1.3, 1.5, 1.8, 2.1, 2.5, 3 })
        {
            var (problem, name) = Draw(new Random(seed + 1), slots, factor);
            var plan = Plan(PlanningPolicies.Unified, problem);
            Assert.True(plan.ServedShare[0] >= least - 1e-6, $"{name}: {plan.ServedShare[0]} with {factor} times the fastest path, {least} with less. {string.Join(" ", plan.Why)}");
            least = plan.ServedShare[0];
        }
    }).Check(Properties.Cases(40));

    [Theory]
    [InlineData(1.0, 10)]
    [InlineData(1.2, 10)]
    [InlineData(1.3, 10)]
    [InlineData(1.4, 8)]
    [InlineData(2.0, 4)]
    public void Plan_LittleTimeToWait_ServesWhatFewSlotsCarry(double factor, int slots)
    {
        var pipeline = Synthetic.Pipeline("p", 10 * factor, [-1, 0], 3);
        var problem = Synthetic.Problem([(pipeline, 100)], [new DeviceType("cpu", slots)]) with { Profile = new LatencyProfile(Synthetic.Profile(pipeline, "cpu", baseMs: 5)) };

        var plan = Plan(PlanningPolicies.Unified, problem);

        Assert.Equal(1, plan.ServedShare[0]);
        Assert.True(InTime(problem, plan) >= (factor > 1 ? 0.98 : 0.85), $"{InTime(problem, plan)} in time");
    }

    [Fact]
    public void Plan_OneQueryPerSecond_NeedsNoReplicasThatTakeTurns()
    {
        // Three waits of a row's own time would do for any load; 1 q/s never finds two replicas busy.
        var pipeline = Synthetic.Pipeline("p", 6, [-1, 0], 1);
        var problem = Synthetic.Problem([(pipeline, 1)], [new DeviceType("cpu", 40)]);

        Assert.InRange(Plan(PlanningPolicies.Unified, problem).SlotsTaken, 2, 4);
    }

    private static Plan Plan(string policy, PlanningProblem problem) =>
        PlanningPolicies.Create(policy, new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);

    private static double InTime(PlanningProblem problem, Plan plan) => Simulator.Estimate(
        problem, plan, Arrivals.Poisson(problem.Pipelines[0].DemandQps, TimeSpan.FromSeconds(Math.Max(20, 1000 / problem.Pipelines[0].DemandQps))),
        cancellationToken: TestContext.Current.CancellationToken).Total.Attainment;

    private static (PlanningProblem Problem, string Name) Draw(Random random, int slots, double factor)
    {
        var parents = Enumerable.Range(0, random.Next(1, 4)).Select(t => t == 0 ? -1 : random.Next(t)).ToArray();
        var depth = new int[parents.Length];
        for (var t = 0; t < depth.Length; t++)
            depth[t] = t == 0 ? 1 : depth[parents[t]] + 1;
        var qps = Math.Round(Math.Pow(500, random.NextDouble()), 1);
        var pipeline = Synthetic.Pipeline("p", Math.Ceiling(FastestTaskMs * depth.Max() * factor * 1000) / 1000, parents, random.Next(1, 4));
        return (Synthetic.Problem([(pipeline, qps)], [new DeviceType("cpu", slots)]), $"tasks below {string.Join(',', parents)}, {factor:0.00} times the fastest path, {slots} slots, {qps} q/s");
    }
}
