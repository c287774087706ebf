using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Ipa;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class IpaPolicyTests
{
    private static Plan Plan(PlanningProblem problem, IpaOptions? options = null) =>
        new IpaPolicy(options).Plan(problem, TestContext.Current.CancellationToken);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomPipeline_NoCombinationIsBetter(int seed)
    {
        var (problem, options) = Random(seed);

        var plan = Plan(problem, options);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        var share = plan.ServedShare[0];
        if (share < 1)
            Assert.Null(BestCombination(problem, options, Math.Min(1, (share * 1.001) + 1e-6)));
        if (plan.Slots.IsEmpty)
            return;
        Assert.Equal(BestCombination(problem, options, share)!.Value, plan.Proof.Objective, 1e-9);
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0.95)]
    [InlineData(0.6)]
    public void Plan_NineVariantsAtNineStages_SameObjectiveAsTheProgram(double tightness)
    {
        var problem = NineByNine(tightness);
        var options = new IpaOptions { AccuracyWeight = 60, Score = AccuracyScore.RankSum };

        var plan = Plan(problem, options);
        var solution = new BranchAndBoundSolver().Solve(RankProgram(problem, options), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1.0, SolveStatus.Optimal), (plan.ServedShare[0], solution.Status));
        Assert.Equal(solution.Objective, plan.Proof.Objective, 1e-5);
    }

    [Fact]
    public void Plan_BranchesWithFanOut_LoadFollowsTheChosenVariant()
    {
        var problem = Synthetic.Problem(40, 60, -1, 0, 0);
        problem = problem with
        {
            Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([[1, 2, 3, 4], [0.5, 0.5, 0.5, 0.5]]) }],
        };

        var plan = Plan(problem);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        var root = plan.Slots.Single(s => s.Task == 0);
        Assert.Equal([40.0, 40 * (root.Variant + 1), 20], plan.Slots.OrderBy(s => s.Task).Select(s => s.LoadQps));
    }

    [Fact]
    public void Plan_NoDemand_OneReplicaEachWithoutWaiting()
    {
        var plan = Plan(Synthetic.Problem(0, 8, -1, 0));

        Assert.Equal([(0, 1, 1), (1, 1, 1)], plan.Slots.Select(s => (s.Task, s.Replicas, s.Batch)));
        Assert.Equal(1, plan.ServedShare[0]);
    }

    [Fact]
    public void Plan_TwoPipelinesOnTooFewSlotsForEachBest_ShareThem()
    {
        var (one, two) = (Synthetic.Pipeline("one", 300, [-1, 0], 4), Synthetic.Pipeline("two", 300, [-1], 4));
        var options = new IpaOptions { AccuracyWeight = 100 };
        var roomy = Plan(Synthetic.Problem([(one, 200), (two, 200)], [new DeviceType("cpu", 200)]), options);
        var slots = roomy.SlotsTaken - 3;
        var problem = Synthetic.Problem([(one, 200), (two, 200)], [new DeviceType("cpu", slots)]);

        var plan = Plan(problem, options);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        Assert.Equal([1.0, 1.0], plan.ServedShare);
        Assert.InRange(plan.SlotsTaken, 1, slots);
        Assert.True(plan.Accuracy < roomy.Accuracy);
    }

    [Fact]
    public void Plan_FewerSlotsThanTasks_ServesThePipelineThatFits()
    {
        var (one, two) = (Synthetic.Pipeline("one", 200, [-1, 0, 1], 2), Synthetic.Pipeline("two", 200, [-1], 2));

        var plan = Plan(Synthetic.Problem([(one, 10), (two, 10)], [new DeviceType("cpu", 2)]));

        Assert.Equal([0.0, 1.0], plan.ServedShare);
    }

    [Fact]
    public void Plan_ObjectiveShorterThanAnyPath_ShedsAllAndSaysWhy()
    {
        var plan = Plan(Synthetic.Problem([(Synthetic.Pipeline("p", 1, [-1, 0], 2), 10)], [new DeviceType("cpu", 4)]));

        Assert.Equal((0, 0.0), (plan.Slots.Length, plan.ServedShare[0]));
        Assert.Contains(plan.Why, w => w.StartsWith("p cannot be served", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_FillLeftover_UsesEverySlot()
    {
        var problem = Synthetic.Problem(50, 12, -1, 0);
        problem = problem with { Options = problem.Options with { FillLeftover = true } };

        var plan = Plan(problem);

        Assert.Equal(12, plan.SlotsTaken);
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_TwoKindsOfDevice_Refuses() => Assert.Throws<PlanningRefusedException>(
        () => Plan(Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1], 2), 1)], [new DeviceType("cpu", 2), new DeviceType("gpu", 1)])));

    [Fact]
    public void Constructor_BadOptions_Throws()
    {
        Assert.Throws<ArgumentException>(() => new IpaPolicy(new IpaOptions { CoreWeight = -1 }));
        Assert.Throws<ArgumentException>(() => new IpaPolicy(new IpaOptions { MaxReplicas = 0 }));
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 80)];

    // One pipeline of up to three tasks; slots, objective and replicas are short often enough to bind.
    private static (PlanningProblem Problem, IpaOptions Options) Random(int seed)
    {
        var random = new Random(seed);
        var parents = Enumerable.Range(0, random.Next(1, 4)).Select(t => t == 0 ? -1 : random.Next(t)).ToArray();
        var pipeline = Synthetic.Pipeline("p", random.Next(20, 200), parents, random.Next(1, 4));
        var problem = Synthetic.Problem([(pipeline, random.Next(1, 400))], [new DeviceType("cpu", random.Next(3, 40))]);
        var options = new IpaOptions
        {
            AccuracyWeight = random.NextDouble() * 50,
            CoreWeight = random.NextDouble(),
            BatchWeight = random.Next(2) == 0 ? 1e-6 : 0.01,
            Score = random.Next(3) == 0 ? AccuracyScore.RankSum : AccuracyScore.Product,
            MaxReplicas = random.Next(3) == 0 ? 5 : 100,
        };
        return (problem with
        {
            Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([.. pipeline.Edges.Select(e => pipeline.Tasks[e.From].Variants.Select(_ => Math.Round(0.2 + (random.NextDouble() * 2), 1)).ToImmutableArray())]) }],
            Profile = new LatencyProfile(problem.Profile.Rows.Select(r => r with { P99Ms = r.P99Ms * (1 + (r.Batch * 0.02)) })),
            Cores = new CoreProfile { CoresPerReplica = pipeline.Tasks.SelectMany(t => t.Variants).ToImmutableDictionary(v => v.Name, _ => random.Next(1, 4), StringComparer.Ordinal) },
        }, options);
    }

    /// <summary>Every combination of variants and batches (IPA, integer program solved exactly), task by task from the root; null when none fits.</summary>
    private static double? BestCombination(PlanningProblem problem, IpaOptions options, double share)
    {
        var demand = problem.Pipelines[0];
        var graph = demand.Pipeline;
        var (load, timeUs, path) = (new double[graph.Tasks.Length], new double[graph.Tasks.Length], new double[graph.Tasks.Length]);
        var (weights, chosen) = (LeafWeights.Of(demand), new int[graph.Tasks.Length]);
        double? best = null;
        Choose(0, 0, 0, 0, 0);
        return best;

        void Choose(int t, double score, double ranks, int cores, int batches)
        {
            if (cores > problem.Devices[0].Slots)
                return;
            if (t == graph.Tasks.Length)
            {
                var objective = (options.AccuracyWeight * (options.Score == AccuracyScore.Product ? score : ranks)) - (options.CoreWeight * cores) - (options.BatchWeight * batches);
                best = Math.Max(best ?? double.NegativeInfinity, objective);
                return;
            }

            var task = graph.Tasks[t];
            var edge = task.Incoming.FirstOrDefault();
            foreach (var variant in task.Variants)
            {
                var rows = problem.Profile.Rows.Where(r => r.Variant == variant.Name).ToList();
                foreach (var row in rows)
                {
                    load[t] = edge is null ? demand.DemandQps * share : load[edge.From] * demand.FanOut[edge.Index, chosen[edge.From]];
                    var replicas = Math.Max(1, Math.Ceiling((load[t] * row.P50Ms / 1000 / row.Batch) - 1e-9));
                    var wait = load[t] > 0 ? (row.Batch - 1) / load[t] * 1e6 : 0;
                    timeUs[t] = (edge is null ? 0 : timeUs[edge.From]) + (row.P99Ms * 1000) + wait;
                    if (replicas > options.MaxReplicas || timeUs[t] > graph.SloUs * (1 + 1e-9))
                        continue;
                    chosen[t] = variant.Index;
                    path[t] = (edge is null ? 1 : path[edge.From]) * variant.Accuracy;
                    var rank = task.Variants.Length == 1 ? 1 : (double)task.Variants.Count(v => v.Accuracy < variant.Accuracy) / (task.Variants.Length - 1);
                    Choose(t + 1, score + (weights[t] * path[t]), ranks + rank, cores + ((int)replicas * problem.Cores!.CoresPerReplica[variant.Name]), batches + row.Batch);
                }
            }
        }
    }

    /// <summary>The size of the largest row of the published solver times. A small <paramref name="tightness"/> makes the objective bind.</summary>
    private static PlanningProblem NineByNine(double tightness)
    {
        var random = new Random(9);
        var parents = Enumerable.Range(-1, 9).ToArray();
        var roomy = Synthetic.Pipeline("p", 60_000, parents, 9);
        var rows = roomy.Tasks.SelectMany(t => t.Variants).SelectMany(v => new[] { 1, 2, 4, 8 }.Select(b =>
        {
            var ms = 20 * (1 + v.Index + random.NextDouble()) * (0.5 + (0.5 * b));
            return new ProfileRow(v.Name, "cpu", b, ms, ms, ms, ms * 1.3);
        })).ToList();
        var problem = new PlanningProblem
        {
            Pipelines = [new PipelineDemand(roomy, 20, FanOut.One(roomy))],
            Devices = [new DeviceType("cpu", 10_000)],
            Profile = new LatencyProfile(rows),
            Cores = new CoreProfile { CoresPerReplica = rows.Select(r => r.Variant).Distinct(StringComparer.Ordinal).ToImmutableDictionary(v => v, v => 1 + (v[^1] - '0'), StringComparer.Ordinal) },
        };
        if (double.IsInfinity(tightness))
            return problem;
        var slowestUs = Plan(problem, new IpaOptions { AccuracyWeight = 60, Score = AccuracyScore.RankSum }).PredictedP99Us[0];
        var tight = Synthetic.Pipeline("p", slowestUs * tightness / 1000, parents, 9);
        return problem with { Pipelines = [new PipelineDemand(tight, 20, FanOut.One(tight))] };
    }

    /// <summary>IPA's integer program with PAS′ as a linear program: one binary per (stage, variant, batch).</summary>
    private static MixedIntegerProgram RankProgram(PlanningProblem problem, IpaOptions options)
    {
        var builder = new MixedIntegerProgramBuilder(ObjectiveSense.Maximise);
        var graph = problem.Pipelines[0].Pipeline;
        var lambda = problem.Pipelines[0].DemandQps;
        var latency = builder.AddRow(double.NegativeInfinity, graph.SloUs / 1000.0);
        foreach (var task in graph.Tasks)
        {
            var one = builder.AddRow(1, 1);
            foreach (var row in problem.Profile.Rows.Where(r => task.Variants.Any(v => v.Name == r.Variant)))
            {
                var variant = task.Variants.Single(v => v.Name == row.Variant);
                var replicas = Math.Max(1, Math.Ceiling((lambda * row.P50Ms / 1000 / row.Batch) - 1e-9));
                var value = (options.AccuracyWeight * variant.Index / (task.Variants.Length - 1))
                    - (options.CoreWeight * replicas * problem.Cores!.CoresPerReplica[row.Variant]) - (options.BatchWeight * row.Batch);
                var chosen = builder.AddBinary(value);
                builder.AddTerm(one, chosen, 1);
                builder.AddTerm(latency, chosen, row.P99Ms + ((row.Batch - 1) / lambda * 1000));
            }
        }

        return builder.Build();
    }
}
