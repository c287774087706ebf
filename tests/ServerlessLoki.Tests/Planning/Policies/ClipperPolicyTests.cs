using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class ClipperPolicyTests
{
    private static readonly ClipperPolicy Accurate = ClipperPolicy.HighAccuracy(new BranchAndBoundSolver());
    private static readonly ClipperPolicy Fast = ClipperPolicy.HighThroughput(new BranchAndBoundSolver());

    private static Plan Plan(ClipperPolicy policy, PlanningProblem problem) => policy.Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void Plan_TwoModels_SlotsInProportionToWorkAndOneVariantEach()
    {
        // Three of four rows go to a: of eight slots six.
        var problem = Models(("a", 30), ("b", 10));

        var (accurate, fast) = (Plan(Accurate, problem), Plan(Fast, problem));

        Assert.Equal([(0, 2, 6), (1, 2, 2)], accurate.Slots.Select(s => (s.Pipeline, s.Variant, s.Replicas)));
        Assert.Equal([(0, 0, 6), (1, 0, 2)], fast.Slots.Select(s => (s.Pipeline, s.Variant, s.Replicas)));
        Assert.Empty(PlanChecker.Faults(problem, accurate));
        Assert.Empty(PlanChecker.Faults(problem, fast));
    }

    [Fact]
    public void Plan_LargestMultiple_IsTheMostThatAnyPlacementCarries()
    {
        // Two kinds, on the second everything takes 1.7 times as long; every placement is tried.
        (string, double)[] demand = [("a", 30), ("b", 22)];
        var problem = Models(demand, new DeviceType("fast", 3), new DeviceType("slow", 3));
        var fast = problem.Profile.Find("a-t0-v0", "fast")!.ThroughputQps(16);
        var best = 0.0;
        for (var onFast = 0; onFast <= 3; onFast++)
        {
            for (var onSlow = 0; onSlow <= 3; onSlow++)
            {
                var a = (onFast + (onSlow / 1.7)) * fast;
                best = Math.Max(best, Math.Min(a / 30, ((6 - onFast - onSlow - ((3 - onSlow) * (1 - (1 / 1.7)))) * fast) / 22));
            }
        }

        var plan = Plan(Fast, problem);

        var carried = Enumerable.Range(0, 2).Min(p => plan.Slots.Where(s => s.Pipeline == p).Sum(s => s.CapacityQps) / demand[p].Item2);
        Assert.InRange(carried, best * 0.99, best * (1 + 1e-9));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(3000.0)]
    public void Plan_DemandMovesAway_PlacementStays(double demandQps)
    {
        var first = Plan(Accurate, Models(("a", 30), ("b", 10)));

        var later = Models(("a", 1), ("b", demandQps)) with { Previous = first };
        var plan = Plan(Accurate, later);

        Assert.Equal(first.Slots.Select(s => (s.Pipeline, s.Variant, s.Replicas)), plan.Slots.Select(s => (s.Pipeline, s.Variant, s.Replicas)));
        Assert.Empty(PlanChecker.Faults(later, plan));
        Assert.Equal(demandQps == 0, plan.ServedShare[1] == 1);
    }

    [Fact]
    public void Plan_ClusterGrew_PlacesAnew()
    {
        var first = Plan(Accurate, Models(("a", 30), ("b", 10)));

        var plan = Plan(Accurate, Models([("a", 30), ("b", 10)], new DeviceType("cpu", 16)) with { Previous = first });

        Assert.Equal([12, 4], plan.Slots.Select(s => s.Replicas));
    }

    [Fact]
    public void Plan_FewerSlotsThanModels_TheLargestDemandGetsOne()
    {
        var plan = Plan(Accurate, Models([("a", 1), ("b", 50), ("c", 20)], new DeviceType("cpu", 2)));

        Assert.Equal([1, 2], plan.Slots.Select(s => s.Pipeline));
        Assert.Equal(0, plan.ServedShare[0]);
    }

    [Fact]
    public void Plan_Pipeline_EachTaskForTheRowsThatReachIt()
    {
        // Two children per query: the second task needs twice the slots of the first.
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1, 0], 3), 10)], [new DeviceType("cpu", 9)]);
        problem = problem with { Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([[2, 2, 2]]) }] };

        var plan = Plan(Accurate, problem);

        Assert.Equal([(0, 2, 3), (1, 2, 6)], plan.Slots.Select(s => (s.Task, s.Variant, s.Replicas)));
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_ProteusCluster_VariantsOfTheShippedFilesAndNoLessCapacity()
    {
        foreach (var (policy, scheme, wanted) in new[] { (Accurate, "clipper_ha", "in_clipper_ha_set"), (Fast, "clipper_ht", "in_clipper_ht_set") })
        {
            var problem = ProteusInstance.Problem(400);
            var shipped = ResearchData.Rows("proteus/model_variants.csv").Where(r => r[wanted] == "yes").ToDictionary(r => r["family"], r => ProteusInstance.Name(r["variant"]), StringComparer.Ordinal);

            var plan = Plan(policy, problem);

            Assert.Empty(PlanChecker.Faults(problem, plan));
            var others = problem.Pipelines.Select((p, i) => (Family: p.Pipeline.Name, Ours: Assert.Single(plan.Slots.Where(s => s.Pipeline == i).Select(s => p.Pipeline.Root.Variants[s.Variant].Name).Distinct(StringComparer.Ordinal))))
                .Where(x => x.Ours != shipped[x.Family]).Select(x => $"{x.Family}: {x.Ours}, not {shipped[x.Family]}");

            // Substitutes of the artifact (Proteus, public profiles), of which gpt2-medium does not fit; and two BERTs within 2 %.
            Assert.Equal(
                scheme == "clipper_ha" ? ["densenet: densenet161, not densenet201", "gpt2: gpt2, not gpt2-medium"] : ["bert: prajjwal1_bert-small, not prajjwal1_bert-tiny"],
                others);
            var theirs = ShippedCapacity(scheme, problem);
            var ours = problem.Pipelines.Select((p, i) => plan.Slots.Where(s => s.Pipeline == i).Sum(s => s.CapacityQps) / p.DemandQps).ToArray();
            Assert.True(ours.Min() >= theirs.Min(), $"{scheme}: {ours.Min():0.000} times the demand, theirs {theirs.Min():0.000}");
        }
    }

    // [family] how many times the demand a shipped placement carries.
    private static double[] ShippedCapacity(string scheme, PlanningProblem problem)
    {
        var placed = ResearchData.Rows("proteus/static_placements.csv").Where(r => r["scheme"] == scheme).ToList();
        return
        [
            .. problem.Pipelines.Select(p => placed.Where(r => p.Pipeline.Root.Variants.Any(v => v.Name == ProteusInstance.Name(r["variant"]))).Sum(r =>
            {
                var kind = r["worker_kind"] == "VPU" ? "CPU" : r["worker_kind"];
                var latency = problem.Profile.Find(ProteusInstance.Name(r["variant"]), kind)!;
                var batch = new[] { 8, 4, 2, 1 }.FirstOrDefault(b => latency.LatencyUs(b) < 150_000);
                return batch == 0 ? 0 : latency.ThroughputQps(batch);
            }) / p.DemandQps),
        ];
    }

    private static PlanningProblem Models(params (string Name, double Qps)[] models) => Models(models, new DeviceType("cpu", 8));

    private static PlanningProblem Models((string Name, double Qps)[] models, params DeviceType[] devices) =>
        Synthetic.Problem([.. models.Select(m => (Synthetic.Pipeline(m.Name, 200, [-1], 3), m.Qps))], devices);
}
