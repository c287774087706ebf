using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Routing;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>Plans for pipelines whose branches meet again; the small ones are solved by hand.</summary>
public sealed class GraphPlanTests
{
    public static TheoryData<string> PoliciesForGraphs() =>
        [.. PlanningPolicies.KnownNames.Where(n => n is not ("ipa" or "rim" or "fa2-low" or "fa2-high" or "infadapter" or "model-switching" or "vpa"
            or "inferline" or "inferline-relative" or "cg-mean" or "cg-peak" or "autoscale"))];

    public static TheoryData<string> PoliciesForTrees() => ["ipa", "rim", "fa2-low", "fa2-high", "inferline", "inferline-relative", "cg-mean", "cg-peak", "autoscale"];

    // 150 q/s: d 150/200, a 150/100, b 150/50 and j 150/50 slots: 1 + 2 + 3 + 3 with the large j. One slot less leaves two for j:
    // one large with 50 q/s, one small for the other 100: (50 + 100 · 0.8) / 150.
    [Theory]
    [InlineData(9, 1.0)]
    [InlineData(8, 0.8666667)]
    [InlineData(7, 0.8)]
    public void Loki_JoinOncePerQuery_HandSolved(int slots, double accuracy)
    {
        var problem = Graphs.Diamond(join: true, 150, slots);

        var plan = PlanningPolicies.Create("loki", new BranchAndBoundSolver()).Plan(problem);

        Assert.Equal(accuracy, plan.Accuracy, 1e-6);
        Assert.Equal(1, plan.ServedShare[0]);
        Assert.Equal(150, plan.Slots.Where(s => s.Task == 3).Sum(s => s.LoadQps), 1e-6);
        Assert.Contains(plan.Why, w => w.Contains("j runs once per d", StringComparison.Ordinal));
    }

    // Each arrival is a row of its own: 300 of them per second. 11 slots leave five for j: four large with 200, one small with 100.
    [Theory]
    [InlineData(12, 1.0)]
    [InlineData(11, 0.9333333)]
    public void Loki_RowPerArrival_HandSolved(int slots, double accuracy)
    {
        var plan = PlanningPolicies.Create("loki", new BranchAndBoundSolver()).Plan(Graphs.Diamond(join: false, 150, slots));

        Assert.Equal(accuracy, plan.Accuracy, 1e-6);
        Assert.Equal(300, plan.Slots.Where(s => s.Task == 3).Sum(s => s.LoadQps), 1e-6);
    }

    // Either a (3 of 10) or b (5 of 10): the join has something for 8 of 10 queries at most. With three children of each it still runs once.
    [Theory]
    [InlineData(0.3, 0.5, 80)]
    [InlineData(3, 0, 100)]
    [InlineData(0, 0, 0)]
    [InlineData(3, 2, 100)]
    public void Loki_ConditionalBranches_JoinRunsAtMostOncePerQuery(double toA, double toB, double joinQps)
    {
        var plan = PlanningPolicies.Create("loki", new BranchAndBoundSolver()).Plan(Graphs.Diamond(join: true, 100, 30, toA: toA, toB: toB));

        Assert.Equal(joinQps, plan.Slots.Where(s => s.Task == 3).Sum(s => s.LoadQps), 1e-6);
    }

    // A branch may bring less than with its most accurate variant: the other must not take its part of the run for granted.
    [Fact]
    public void VisitRows_BranchesWhoseVariantsFindLess_PlanForAllRunsOfTheJoin()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var demand = Graphs.RandomProblem(seed).Pipelines[0];
            var graph = demand.Pipeline;
            var variants = graph.Tasks.Select(t => random.Next(t.Variants.Length)).ToArray();
            var runs = Graphs.Runs(graph, e => demand.FanOut[e.Index, variants[e.From]]);

            var planned = graph.Visits.GroupBy(v => v.Task).ToDictionary(g => g.Key, g => g.Sum(way => VisitRows.On(demand, way, t => variants[t], 1)));

            Assert.All(graph.Tasks, t => Assert.True(planned[t.Index] >= runs[t.Index] - 1e-9, $"seed {seed}, {t.Name}: {planned[t.Index]} for {runs[t.Index]} runs"));
        }
    }

    // Half of 80 ms: d + a + j-l take 35 ms, but d + b + j-l 45 ms. The join waits for the slower branch.
    [Fact]
    public void Loki_SlowestBranchBreaksTheBudget_JoinTakesTheFasterVariant()
    {
        var plan = PlanningPolicies.Create("loki", new BranchAndBoundSolver()).Plan(Graphs.Diamond(join: true, 50, 30, sloMs: 80));

        Assert.Equal(0.8, plan.Accuracy, 1e-6);
        Assert.Equal(2 * 30_000, plan.PredictedP99Us[0], 1e-6);
    }

    [Theory]
    [MemberData(nameof(PoliciesForTrees))]
    public void Plan_PolicyForTrees_RefusesWithACure(string policy)
    {
        var refused = Assert.Throws<PlanningRefusedException>(() => PlanningPolicies.Create(policy, new BranchAndBoundSolver()).Plan(Graphs.Diamond(join: true, 100, 30)));

        Assert.Contains(refused.Faults, f => f.Message.Contains("meet again at j", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(PoliciesForGraphs))]
    public void Plan_Diamond_EveryTaskCarriesItsLoad(string policy)
    {
        var problem = Graphs.Diamond(join: true, 100, 12);

        var plan = PlanningPolicies.Create(policy, new BranchAndBoundSolver()).Plan(problem);

        Assert.Empty(Faults(problem, plan));
        Assert.True(plan.ServedShare[0] > 0.99, $"serves {plan.ServedShare[0]}");
    }

    [Theory]
    [InlineData("loki")]
    [InlineData("unified")]
    [InlineData("hardware-only")]
    [InlineData("proteus")]
    public void Plan_RandomGraphs_FlowsAgreeAndFit(string policy)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var problem = Graphs.RandomProblem(seed);

            var plan = PlanningPolicies.Create(policy, new BranchAndBoundSolver()).Plan(problem);

            Assert.True(Faults(problem, plan) is [], $"seed {seed}: {string.Join("; ", Faults(problem, plan))}");
        }
    }

    [Fact]
    public void Table_Join_SameSharesWhicheverBranchArrivesLast()
    {
        var problem = Graphs.Diamond(join: true, 150, 8);

        var table = RoutingTable.Build(problem, PlanningPolicies.Create("loki", new BranchAndBoundSolver()).Plan(problem));

        Assert.Equal(1.0 / 3, table.ChildShare(0, 2, 0, 1), 1e-6);
        Assert.Equal(1.0 / 3, table.ChildShare(0, 3, 0, 1), 1e-6);
        Assert.Equal(5_000 + 20_000 + 5_000, table.MinRemainingUs(0, 0));
    }

    // Flows of each way to a leaf carry what is served; ways to a join agree on its variants; loads follow from flows and fit.
    private static List<string> Faults(PlanningProblem problem, Plan plan)
    {
        var faults = new List<string>();
        var demand = problem.Pipelines[0];
        var graph = demand.Pipeline;
        var served = demand.DemandQps * plan.ServedShare[0];
        var rows = new FlowRows(demand, plan, problem.Options.FanOutHeadroom);
        foreach (var way in graph.Tasks.Where(t => t.IsLeaf).SelectMany(t => rows.WaysTo(t.Index)))
        {
            var qps = plan.Flows.Where(f => f.Steps.Select(s => s.Task).SequenceEqual(way)).Sum(f => f.Qps);
            if (Math.Abs(qps - served) > 1e-4 * Math.Max(1, served))
                faults.Add($"way {string.Join('-', way)} carries {qps}, not {served}");
        }

        foreach (var variant in graph.Tasks.SelectMany(t => t.Variants.Select(v => (Task: t.Index, v.Index, v.Name))))
        {
            var qps = rows.Qps(variant.Task, variant.Index);
            var capacity = plan.Slots.Where(s => s.Task == variant.Task && s.Variant == variant.Index).Sum(s => s.CapacityQps) * problem.Options.Utilization;
            if (qps > (capacity * (1 + 1e-4)) + 1e-4)
                faults.Add($"{variant.Name} gets {qps} q/s, has {capacity}");
        }

        foreach (var join in graph.Tasks.Where(t => t.IsJoin))
        {
            var shares = rows.WaysTo(join.Index).Select(way => join.Variants.Select(v =>
                rows.Along(way).Where(f => f.Steps.Contains(new PathStep(join.Index, v.Index))).Sum(f => f.Qps)).ToArray()).ToList();
            if (shares.Any(s => s.Zip(shares[0]).Any(x => Math.Abs(x.First - x.Second) > 1e-4 * Math.Max(1, served))))
                faults.Add($"ways to {join.Name} disagree");
        }

        return faults;
    }
}
