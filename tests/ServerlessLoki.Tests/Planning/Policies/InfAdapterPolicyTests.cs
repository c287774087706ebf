using System.Collections.Immutable;
using ServerlessLoki.Control;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.InfAdapter;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class InfAdapterPolicyTests
{
    private static readonly InfAdapterPolicy Policy = new();

    private static Plan Plan(PlanningProblem problem) => Policy.Plan(problem, TestContext.Current.CancellationToken);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomService_NoVectorOfCoresIsBetter(int seed)
    {
        var (problem, previous, options) = Random(seed);

        var plan = new InfAdapterPolicy(options).Plan(problem, TestContext.Current.CancellationToken);

        var (served, objective) = BestVector(problem, previous, options);
        Assert.Equal(served, plan.ServedShare[0], 1e-9);
        Assert.Equal(objective, plan.Proof.Objective, 1e-9);
        Assert.Equal(plan.ServedShare[0] * problem.Pipelines[0].DemandQps, plan.Flows.Sum(f => f.Qps), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomServiceThatFits_SameObjectiveAsTheProgram(int seed)
    {
        var (problem, previous, options) = Random(seed);

        var plan = new InfAdapterPolicy(options).Plan(problem, TestContext.Current.CancellationToken);
        var solution = new BranchAndBoundSolver().Solve(Program(problem, previous, options), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(solution.HasValues, plan.ServedShare[0] == 1);
        if (solution.HasValues)
            Assert.Equal(solution.Objective, plan.Proof.Objective, 1e-6);
    }

    [Fact]
    public void Plan_MoreThanAllCoresServe_TheFastestTakesThemAndTheRestIsShed()
    {
        var problem = Tables(1000, 10, [0, 0], [0.5, 0.9], [10, 4]);

        var plan = Plan(problem);

        Assert.Equal(("overload", 0.1), (plan.Proof.Step, plan.ServedShare[0]));
        Assert.Equal([10, 0], InfAdapterInstance.Cores(plan, 2));
    }

    [Fact]
    public void Plan_NoDemand_LeastCoresOfTheMostAccurate() =>
        Assert.Equal([0, 2], InfAdapterInstance.Cores(Plan(Tables(0, 10, [0, 0], [0.5, 0.9], [10, 4])), 2));

    [Fact]
    public void Plan_TwoEquallyGoodVariants_KeepsTheOneThatRuns()
    {
        Assert.Equal([5, 0], InfAdapterInstance.Cores(Plan(Tables(20, 10, [5, 0], [0.9, 0.9], [4, 4])), 2));
        Assert.Equal([0, 5], InfAdapterInstance.Cores(Plan(Tables(20, 10, [0, 5], [0.9, 0.9], [4, 4])), 2));
    }

    [Fact]
    public void Plan_WithoutCoreProfile_PlansSlotsThatKeepEveryConstraint()
    {
        foreach (var demand in new[] { 0.0, 3, 100, 700, 5000 })
        {
            var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1], 4), demand)], [new DeviceType("cpu", 6)]);

            var plan = Plan(problem);

            Assert.Empty(PlanChecker.Faults(problem, plan));
            Assert.All(plan.Slots, s => Assert.Null(s.Cores));
        }
    }

    [Fact]
    public void Plan_TwoServices_ShareTheCores()
    {
        var problem = Synthetic.Problem(
            [(Synthetic.Pipeline("a", 200, [-1], 3), 300), (Synthetic.Pipeline("b", 200, [-1], 3), 900)], [new DeviceType("cpu", 4)]);

        var plan = Plan(problem);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        Assert.Equal([1.0, 1.0], plan.ServedShare);
        Assert.Equal([0, 1], plan.Slots.Select(s => s.Pipeline).Distinct());
    }

    [Fact]
    public void Plan_SeveralTasksAndDevices_RefusesAndNamesBoth()
    {
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1, 0], 2), 1)], [new DeviceType("cpu", 2), new DeviceType("gpu", 1)]);

        var refusal = Assert.Throws<PlanningRefusedException>(() => Plan(problem));

        Assert.Equal(["$.pipelines[0]", "$.devices"], refusal.Faults.Select(f => f.Path));
    }

    [Fact]
    public void ShouldReplace_DemandAboveTheContainersCapacity_TakesTheLargerContainer()
    {
        var (calm, busy) = (Tables(20, 10, [0, 0], [0.5, 0.9], [10, 4]), Tables(40, 10, [0, 0], [0.5, 0.9], [10, 4]));
        var (few, many) = (Plan(calm), Plan(busy));

        Assert.False(PlanChange.SameSlots(few, many));
        Assert.True(PlanChange.ShouldReplace(few, many, busy));
    }

    [Fact]
    public void Constructor_NegativeWeight_Throws() =>
        Assert.Throws<ArgumentException>(() => new InfAdapterPolicy(new InfAdapterOptions { ResourceWeight = -1 }));

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 60)];

    // Capacity of n cores = n times a rate.
    private static PlanningProblem Tables(double demandQps, int cores, int[] previous, double[] accuracy, double[] rate) => InfAdapterInstance.Problem(
        demandQps, cores, previous, [.. rate.Select((_, i) => $"v{i}")], accuracy, [.. rate.Select(_ => 5.0)],
        [.. rate.Select(r => Enumerable.Range(0, cores + 1).Select(n => n * r).ToImmutableArray())], minCores: 2);

    private static (PlanningProblem Problem, int[] Previous, InfAdapterOptions Options) Random(int seed)
    {
        var random = new Random(seed);
        var (variants, cores, least) = (random.Next(1, 5), random.Next(2, 11), random.Next(1, 3));
        var previous = Enumerable.Range(0, variants).Select(_ => random.Next(3) == 0 ? random.Next(least, cores + 1) : 0).ToArray();
        var problem = InfAdapterInstance.Problem(
            random.Next(1, 120), cores, previous, [.. Enumerable.Range(0, variants).Select(i => $"v{i}")],
            [.. Enumerable.Range(0, variants).Select(i => Math.Round(0.5 + (0.1 * i) + (0.05 * random.NextDouble()), 3))],
            [.. Enumerable.Range(0, variants).Select(_ => Math.Round(1 + (9 * random.NextDouble()), 2))],
            [.. Enumerable.Range(0, variants).Select(i => Capacity(random, cores, 20.0 / (i + 1)))], least);
        return (problem, previous, new InfAdapterOptions { ResourceWeight = random.NextDouble(), LoadingWeight = random.NextDouble() * 0.1 });
    }

    private static ImmutableArray<double> Capacity(Random random, int cores, double rate) =>
        [.. Enumerable.Range(0, cores + 1).Select(n => Math.Max(0, Math.Floor((n * rate) - (5 * random.NextDouble()))))];

    private static double Load(PlanningProblem problem, int variant) =>
        problem.Cores!.LoadTime[$"v{variant}"] / problem.Cores.LoadTime.Values.Max();

    /// <summary>InfAdapter's integer program solved exactly: every vector of cores, greedy split.</summary>
    private static (double Served, double Objective) BestVector(PlanningProblem problem, int[] previous, InfAdapterOptions options)
    {
        var variants = problem.Pipelines[0].Pipeline.Root.Variants;
        var (demand, budget) = (problem.Pipelines[0].DemandQps, problem.Devices[0].Slots);
        var cores = new int[variants.Length];
        var best = (Served: 0.0, Objective: 0.0);
        Choose(0, budget);
        return (best.Served / demand, best.Objective);

        void Choose(int v, int free)
        {
            if (v == cores.Length)
            {
                var (rest, accuracy, loading) = (demand, 0.0, 0.0);
                foreach (var variant in variants.OrderByDescending(x => x.Accuracy))
                {
                    var n = cores[variant.Index];
                    var qps = Math.Min(rest, problem.Cores!.CapacityQps[variant.Name][n]);
                    (rest, accuracy) = (rest - qps, accuracy + (qps / demand * variant.Accuracy));
                    if (n != 0 && n != previous[variant.Index])
                        loading = Math.Max(loading, Load(problem, variant.Index));
                }

                var found = (Served: demand - rest, accuracy - (options.ResourceWeight * cores.Sum() / budget) - (options.LoadingWeight * loading));
                if (found.CompareTo(best) > 0)
                    best = found;
                return;
            }

            for (var n = 0; n <= free; n++)
            {
                if (n > 0 && n < problem.Cores!.MinCores)
                    continue;
                cores[v] = n;
                Choose(v + 1, free - n);
            }

            cores[v] = 0;
        }
    }

    /// <summary>InfAdapter's integer program as a linear program: one binary per (variant, cores), quotas and the largest load time as columns.</summary>
    private static MixedIntegerProgram Program(PlanningProblem problem, int[] previous, InfAdapterOptions options)
    {
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var (demand, budget) = (problem.Pipelines[0].DemandQps, problem.Devices[0].Slots);
        var loading = builder.AddColumn(0, 1, -options.LoadingWeight);
        var all = builder.AddRow(demand, demand);
        var cores = builder.AddRow(double.NegativeInfinity, budget);
        foreach (var variant in problem.Pipelines[0].Pipeline.Root.Variants)
        {
            var quota = builder.AddColumn(0, demand, variant.Accuracy / demand);
            var one = builder.AddRow(double.NegativeInfinity, 1);
            var capacity = builder.AddRow(double.NegativeInfinity, 0, [(quota, 1)]);
            builder.AddTerm(all, quota, 1);
            for (var n = problem.Cores!.MinCores; n <= budget; n++)
            {
                var chosen = builder.AddBinary(-options.ResourceWeight * n / budget);
                builder.AddTerm(one, chosen, 1);
                builder.AddTerm(cores, chosen, n);
                builder.AddTerm(capacity, chosen, -problem.Cores.CapacityQps[variant.Name][n]);
                if (n != previous[variant.Index])
                    builder.AddRow(double.NegativeInfinity, 0, [(chosen, Load(problem, variant.Index)), (loading, -1)]);
            }
        }

        return builder.Build();
    }
}
