using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Routing;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.Shared;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Routing;

/// <summary>What goes into a hop comes out of it, whatever pipeline, fan-out and plan.</summary>
public sealed class RoutingFlowPropertyTests
{
    private const double Tolerance = 1e-6;

    [Fact]
    public void Build_AnyPlannedFlows_ConservesThemAtEveryHop() => ForAll(300, seed =>
    {
        var (problem, plan, _) = RandomPlans.Of(seed, spare: 1);
        Conserves(problem, plan);
    });

    [Fact]
    public void Build_PlansOfThePolicy_ConservesThemAtEveryHop() => ForAll(60, seed =>
    {
        var problem = Synthetic.Random(seed);
        Conserves(problem, new LokiPolicy(new BranchAndBoundSolver(), TimeProvider.System).Plan(problem, TestContext.Current.CancellationToken));
    });

    [Fact]
    public void Build_CapacityForThePlannedFlows_OverloadsNothing() => ForAll(300, seed =>
    {
        var (problem, plan, _) = RandomPlans.Of(seed, spare: 1);
        var inflow = Inflow(problem, plan, RoutingTable.Build(problem, plan));
        foreach (var slot in plan.Slots)
            Assert.True(inflow[slot.Task][slot.Variant] <= (slot.CapacityQps * (1 + 1e-5)) + Tolerance, $"{slot}: {inflow[slot.Task][slot.Variant]}");
    });

    [Fact]
    public void Build_NoCapacityBeyondThePlannedFlows_ReproducesThem() => ForAll(300, seed =>
    {
        // With nothing to spare there is one way only that overloads nobody: the plan's.
        var (problem, plan, load) = RandomPlans.Of(seed, spare: 0);
        var inflow = Inflow(problem, plan, RoutingTable.Build(problem, plan));
        for (var t = 0; t < load.Length; t++)
        {
            for (var v = 0; v < load[t].Length; v++)
                Assert.Equal(load[t][v], inflow[t][v], 1e-5 * Math.Max(1, load[t].Sum()));
        }
    });

    [Fact]
    public void Choose_UniformDraws_FollowTheShares() => ForAll(100, seed =>
    {
        const int Draws = 400;
        var (problem, plan, _) = RandomPlans.Of(seed, spare: 1);
        var table = RoutingTable.Build(problem, plan);
        var graph = problem.Pipelines[0].Pipeline;
        Follow(u => table.ChooseRoot(0, u), v => table.RootShare(0, v), graph.Root.Variants.Length);
        foreach (var edge in graph.Edges)
        {
            for (var parent = 0; parent < graph.Tasks[edge.From].Variants.Length; parent++)
                Follow(u => table.ChooseChild(0, edge.Index, parent, u), v => table.ChildShare(0, edge.Index, parent, v), graph.Tasks[edge.To].Variants.Length);
        }

        static void Follow(Func<double, int> choose, Func<int, double> share, int variants)
        {
            var drawn = new int[variants];
            for (var i = 0; i < Draws; i++)
                drawn[choose((i + 0.5) / Draws)]++;
            for (var v = 0; v < variants; v++)
                Assert.Equal(share(v), drawn[v] / (double)Draws, 1.01 / Draws);
        }
    });

    private static void Conserves(PlanningProblem problem, Plan plan)
    {
        var table = RoutingTable.Build(problem, plan);
        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            if (plan.ServedShare[p] <= 0)
                continue;
            var (demand, graph) = (problem.Pipelines[p], problem.Pipelines[p].Pipeline);
            var inflow = Inflow(problem, plan, table, p);
            Assert.Equal(1, graph.Root.Variants.Sum(v => table.RootShare(p, v.Index)), 1e-9);
            foreach (var edge in graph.Edges)
            {
                var sent = 0.0;
                for (var parent = 0; parent < inflow[edge.From].Length; parent++)
                {
                    var shares = graph.Tasks[edge.To].Variants.Select(v => table.ChildShare(p, edge.Index, parent, v.Index)).ToArray();
                    Assert.All(shares, s => Assert.InRange(s, -1e-12, 1 + 1e-9));
                    Assert.Equal(1, shares.Sum(), 1e-9);
                    sent += inflow[edge.From][parent] * demand.FanOut[edge.Index, parent];
                }

                // A tree: what a task takes in comes over its one edge.
                Assert.Equal(sent, inflow[edge.To].Sum(), Tolerance * Math.Max(1, sent));
                foreach (var option in table.Options(p, edge.To))
                    Assert.Equal(Math.Max(0, option.CapacityQps - inflow[edge.To][option.Variant]), option.SpareQps, 1e-5 * Math.Max(1, option.CapacityQps));
            }

            // Nothing goes where nothing runs.
            foreach (var task in graph.Tasks)
                Assert.All(task.Variants, v => Assert.True(inflow[task.Index][v.Index] == 0 || table.Option(p, task.Index, v.Index) is not null));
        }
    }

    /// <summary>[task][variant] rows per second that the shares lead to.</summary>
    private static double[][] Inflow(PlanningProblem problem, Plan plan, RoutingTable table, int p = 0)
    {
        var (demand, graph) = (problem.Pipelines[p], problem.Pipelines[p].Pipeline);
        var inflow = graph.Tasks.Select(t => new double[t.Variants.Length]).ToArray();
        for (var v = 0; v < inflow[0].Length; v++)
            inflow[0][v] = demand.DemandQps * plan.ServedShare[p] * table.RootShare(p, v);
        foreach (var edge in graph.Tasks.SelectMany(t => t.Outgoing))
        {
            for (var parent = 0; parent < inflow[edge.From].Length; parent++)
            {
                for (var child = 0; child < inflow[edge.To].Length; child++)
                    inflow[edge.To][child] += inflow[edge.From][parent] * demand.FanOut[edge.Index, parent] * table.ChildShare(p, edge.Index, parent, child);
            }
        }

        return inflow;
    }

    private static void ForAll(int count, Action<int> property) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), property).Check(Properties.Cases(count));
}
