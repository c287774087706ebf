using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Routing;

public sealed class RoutingTableTests
{
    private static readonly LokiPolicy Policy = new(new BranchAndBoundSolver());

    private static (PlanningProblem Problem, RoutingTable Table) Table(double demandQps, int slots, params int[] parents)
    {
        var problem = Synthetic.Problem(demandQps, slots, parents);
        return (problem, RoutingTable.Build(problem, Policy.Plan(problem, TestContext.Current.CancellationToken)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Build_RandomPlan_ConservesFlowAndOverloadsNothing(int seed)
    {
        var problem = Synthetic.Random(seed);
        var plan = Policy.Plan(problem, TestContext.Current.CancellationToken);

        var table = RoutingTable.Build(problem, plan);

        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            if (plan.ServedShare[p] > 0)
                CheckFlows(problem, plan, table, p);
        }
    }

    private static void CheckFlows(PlanningProblem problem, Plan plan, RoutingTable table, int p)
    {
        var demand = problem.Pipelines[p];
        var graph = demand.Pipeline;
        var inflow = graph.Tasks.Select(t => new double[t.Variants.Length]).ToArray();
        foreach (var option in table.Options(p, 0))
            inflow[0][option.Variant] = demand.DemandQps * plan.ServedShare[p] * table.RootShare(p, option.Variant);
        Assert.Equal(demand.DemandQps * plan.ServedShare[p], inflow[0].Sum(), 1e-6);
        foreach (var edge in graph.Tasks.SelectMany(t => t.Outgoing))
        {
            for (var parent = 0; parent < inflow[edge.From].Length; parent++)
            {
                var children = graph.Tasks[edge.To].Variants.Select(c => table.ChildShare(p, edge.Index, parent, c.Index)).ToArray();
                Assert.Equal(1, children.Sum(), 1e-9);
                for (var c = 0; c < children.Length; c++)
                    inflow[edge.To][c] += inflow[edge.From][parent] * demand.FanOut[edge.Index, parent] * children[c];
            }
        }

        foreach (var task in graph.Tasks)
        {
            foreach (var option in table.Options(p, task.Index))
            {
                var load = inflow[task.Index][option.Variant];
                Assert.True(load <= option.CapacityQps * (1 + 1e-5), $"{task.Name} variant {option.Variant}: {load} of {option.CapacityQps}");
                Assert.Equal(Math.Max(0, option.CapacityQps - load), option.SpareQps, 1e-5 * Math.Max(1, option.CapacityQps));
            }
        }
    }

    [Fact]
    public void ChooseRoot_UniformDraws_FollowTheShares()
    {
        var (_, table) = Table(900, 6, -1);
        Assert.True(table.Options(0, 0).Length > 1);

        var drawn = Enumerable.Range(0, 10_000).GroupBy(i => table.ChooseRoot(0, i / 10_000.0)).ToDictionary(g => g.Key, g => g.Count() / 10_000.0);

        foreach (var option in table.Options(0, 0))
            Assert.Equal(table.RootShare(0, option.Variant), drawn.GetValueOrDefault(option.Variant), 1e-3);
    }

    [Fact]
    public void ChooseRoot_AccuracyBound_OnlyVariantsThatCanStillReachIt()
    {
        var (_, table) = Table(900, 6, -1);
        var best = table.BestAccuracy(0);

        Assert.All(Enumerable.Range(0, 100), i =>
        {
            var variant = table.ChooseRoot(0, i / 100.0, best);
            Assert.Equal(table.Options(0, 0)[0].Variant, variant);
        });
        Assert.Equal(-1, table.ChooseRoot(0, 0.5, best + 1e-6));
    }

    [Fact]
    public void ChooseChild_ParentNotDeployed_StillFindsAChild()
    {
        var (problem, table) = Table(20, 6, -1, 0);
        var absent = Enumerable.Range(0, problem.Pipelines[0].Pipeline.Tasks[0].Variants.Length).First(v => table.Option(0, 0, v) is null);

        Assert.NotNull(table.Option(0, 1, table.ChooseChild(0, 0, absent, 0.999999)));
    }

    [Fact]
    public void Build_LightLoad_EverythingOnTheMostAccurate()
    {
        var (_, table) = Table(5, 6, -1, 0, 0);

        Assert.Equal(1, table.RootShare(0, 3));
        Assert.Equal((3, 3), (table.ChooseChild(0, 0, 3, 0.5), table.ChooseChild(0, 1, 3, 0.5)));
    }

    [Fact]
    public void Build_DemandBeyondCapacity_SpillsInProportionToCapacity()
    {
        var problem = Synthetic.Problem(500, 6, -1);
        var plan = Policy.Plan(problem, TestContext.Current.CancellationToken);
        var capacity = plan.Slots.Sum(s => s.CapacityQps);
        var flooded = problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = capacity * 2 }] };

        var table = RoutingTable.Build(flooded, plan);

        Assert.All(table.Options(0, 0).ToArray(), o => Assert.Equal(o.CapacityQps / capacity, table.RootShare(0, o.Variant), 1e-6));
    }

    [Fact]
    public void MinRemainingUs_TwoStages_SumOfFastestDeployedSingles()
    {
        var (_, table) = Table(500, 6, -1, 0);
        var fastest = table.Options(0, 1).ToArray().Min(o => o.SingleUs);

        Assert.Equal(fastest, table.MinRemainingUs(0, 1));
        Assert.Equal(fastest + table.Options(0, 0).ToArray().Min(o => o.SingleUs), table.MinRemainingUs(0, 0));
        Assert.All(table.Options(0, 0).ToArray(), o => Assert.Equal(fastest, o.MinBelowUs));
    }

    [Fact]
    public void Choose_HotPath_AllocatesNothing()
    {
        var (_, table) = Table(500, 6, -1, 0);
        long Draw()
        {
            long drawn = 0;
            for (var i = 0; i < 1000; i++)
            {
                var root = table.ChooseRoot(0, i / 1000.0);
                var child = table.ChooseChild(0, 0, root, i / 1000.0, 0.1);
                drawn += Rerouting.Choose(table, 0, 0, child, 50_000 + i, 0.1);
            }

            return drawn;
        }

        Draw();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = Draw();

        Assert.True(sum > 0);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(100, 40)];
}
