using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class ProteusPolicyTests
{
    private static Plan Plan(PlanningProblem problem) =>
        new ProteusPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomProblem_NoPlacementIsBetter(int seed)
    {
        var problem = Random(seed);

        var plan = Plan(problem);

        Assert.Empty(PlanChecker.Faults(problem, plan));
        var (served, accuracy) = BestPlacement(problem, plan.Proof.Step == "overload" ? 1 : plan.Slots.IsEmpty ? 1 : Headroom(problem));
        var weights = Weights(problem);
        Assert.Equal(served, plan.ServedShare.Select((s, p) => s * weights[p]).Sum(), 1e-6);
        Assert.Equal(accuracy, plan.Accuracy, 1e-5);
    }

    [Fact]
    public void Plan_SlotsOfTheBestDeviceSpent_UsesTheOther()
    {
        var pipeline = Synthetic.Pipeline("p", 200, [-1], 1);
        var problem = Synthetic.Problem([(pipeline, 2200)], [new DeviceType("fast", 1), new DeviceType("slow", 4)]);

        var plan = Plan(problem);

        Assert.Equal([0, 1], plan.Slots.Select(s => s.Device));
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    [Fact]
    public void Plan_OnlyLessHeadroomFits_LowersItBeforeShedding()
    {
        var pipeline = Synthetic.Pipeline("p", 200, [-1], 1);
        var problem = Synthetic.Problem([(pipeline, 1)], [new DeviceType("cpu", 1)]);
        var most = problem.Profile.Find("p-t0-v0", "cpu")!.ThroughputQps(16);

        var plan = Plan(problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 0.98 * most }] });

        Assert.Equal("accuracy", plan.Proof.Step);
        Assert.Equal(1, plan.ServedShare[0]);
        Assert.Contains("5 % do not fit", plan.Why[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_Overload_ServesTheMostAndNotTheMostAccurate()
    {
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1], 3), 1e5)], [new DeviceType("cpu", 3)]);

        var plan = Plan(problem);

        Assert.Equal("overload", plan.Proof.Step);
        Assert.Equal([0], plan.Slots.Select(s => s.Variant));
        Assert.Equal(3 * problem.Profile.Find("p-t0-v0", "cpu")!.ThroughputQps(16) / 1e5, plan.ServedShare[0], 1e-6);
    }

    [Fact]
    public void Plan_FamilyWithoutDemand_KeepsASlotOfItsMostAccurate()
    {
        var problem = Synthetic.Problem(
            [(Synthetic.Pipeline("a", 200, [-1], 3), 0), (Synthetic.Pipeline("b", 200, [-1], 3), 10)], [new DeviceType("cpu", 3)]);

        var plan = Plan(problem);

        Assert.Contains(plan.Slots, s => (s.Pipeline, s.Variant, s.Replicas) == (0, 2, 1));
    }

    [Fact]
    public void Plan_FamilyThatNothingServes_IsShedAndTheOtherServed()
    {
        var problem = Synthetic.Problem(
            [(Synthetic.Pipeline("a", 1, [-1], 2), 10), (Synthetic.Pipeline("b", 200, [-1], 2), 10)], [new DeviceType("cpu", 3)]);

        var plan = Plan(problem);

        Assert.Equal([0.0, 1.0], plan.ServedShare);
        Assert.Contains(plan.Why, w => w.StartsWith("a cannot be served", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_FillLeftover_UsesEverySlotAndKeepsAccuracy()
    {
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1], 3), 50)], [new DeviceType("cpu", 6)]);

        var tight = Plan(problem);
        var filled = Plan(problem with { Options = problem.Options with { FillLeftover = true } });

        Assert.Equal((true, 6, tight.Accuracy), (tight.Replicas < 6, filled.Replicas, filled.Accuracy));
        Assert.Empty(PlanChecker.Faults(problem, filled));
    }

    [Fact]
    public void Plan_Pipeline_EachTaskIsAModelOfItsOwnWithAnEqualPartOfTheObjective()
    {
        // A single row of the slowest variant takes 16 ms. Both tasks in half of 50 ms is possible (v3 and v2), but each on its
        // own has 12.5 ms: v2.
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 50, [-1, 0], 4), 10)], [new DeviceType("cpu", 8)]);

        var (alone, aware) = (Plan(problem), new LokiPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken));

        Assert.Equal([2, 2], alone.Slots.Select(s => s.Variant));
        Assert.Equal([2, 3], aware.Slots.Select(s => s.Variant).Order());
        Assert.Empty(PlanChecker.Faults(problem, alone));
    }

    [Fact]
    public void Plan_PipelineWhoseDetectorChanged_ChildDemandIsThatOfTheVariantsThatRan()
    {
        // The accurate detector finds four objects, the others one. Without a past it is what is expected to run.
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1, 0], 2), 100)], [new DeviceType("cpu", 8)]);
        problem = problem with { Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([[1, 4]]) }] };
        var first = Plan(problem);
        var running = first with { Slots = [new SlotGroup(0, 0, 0, 0, 1, 1, 500, 100, 2000), .. first.Slots.Where(s => s.Task == 1)] };

        var observed = IndependentTasks.Of(problem with { Previous = running });

        Assert.Equal([100.0, 400], IndependentTasks.Of(problem).Families.Pipelines.Select(p => p.DemandQps));
        Assert.Equal([100.0, 100], observed.Families.Pipelines.Select(p => p.DemandQps));
        Assert.Equal([100_000L, 100_000], observed.Families.Pipelines.Select(p => p.Pipeline.SloUs));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomPipelines_ValidPlanAlsoAfterAnother(int seed)
    {
        var problem = Synthetic.Random(seed);

        var first = Plan(problem);
        var second = Plan(problem with { Previous = first });

        Assert.Empty(PlanChecker.Faults(problem, first));
        Assert.Empty(PlanChecker.Faults(problem, second));
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Constructor_HeadroomOutOfBounds_Throws(double headroom) =>
        Assert.Throws<ArgumentException>(() => new ProteusPolicy(new BranchAndBoundSolver(), options: new ProteusOptions { Headroom = headroom }));

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 60)];

    // Two families, up to two device kinds: few enough that every placement can be tried.
    private static PlanningProblem Random(int seed)
    {
        var random = new Random(seed);
        var families = Enumerable.Range(0, random.Next(1, 3))
            .Select(i => (Synthetic.Pipeline($"f{i}", random.Next(20, 200), [-1], random.Next(1, 4)), Math.Round(random.NextDouble() * random.Next(10, 1500), 1))).ToArray();
        var devices = Enumerable.Range(0, random.Next(1, 3)).Select(d => new DeviceType($"d{d}", random.Next(1, 4), random.Next(2) == 0 ? 1 : 0.5)).ToArray();
        return Synthetic.Problem(families, devices) with { Options = new PlanningOptions { Utilization = random.Next(2) == 0 ? 1 : 0.8 } };
    }

    // The head-room the ladder must stop at, found by placements alone.
    private static double Headroom(PlanningProblem problem) =>
        BestPlacement(problem, 1.05).Served > BestPlacement(problem, 1).Served - 1e-9 ? 1.05 : 1;

    /// <summary>Tries every placement; given one, each family fills its variants from the most accurate down, which is best.</summary>
    private static (double Served, double Accuracy) BestPlacement(PlanningProblem problem, double headroom)
    {
        var best = (Served: 0.0, Value: 0.0);
        var weights = Weights(problem);
        var hosts =
            from p in Enumerable.Range(0, problem.Pipelines.Length)
            from v in problem.Pipelines[p].Pipeline.Root.Variants
            select (Pipeline: p, v.Name, v.Accuracy);
        var choices = hosts.ToArray();
        var placed = new int[choices.Length, problem.Devices.Length];
        Place(0, problem.Devices[0].Slots);
        return (best.Served, best.Served > 0 ? best.Value / best.Served : 0);

        void Place(int cell, int free)
        {
            var (device, choice) = Math.DivRem(cell, choices.Length);
            if (device == problem.Devices.Length)
            {
                var found = Evaluate();
                if (found.Served > best.Served + 1e-9 || (found.Served > best.Served - 1e-9 && found.Value > best.Value))
                    best = found;
                return;
            }

            for (var n = 0; n <= free; n++)
            {
                placed[choice, device] = n;
                Place(cell + 1, choice + 1 < choices.Length ? free - n : device + 1 < problem.Devices.Length ? problem.Devices[device + 1].Slots : 0);
            }

            placed[choice, device] = 0;
        }

        (double Served, double Value) Evaluate()
        {
            double served = 0, value = 0;
            for (var p = 0; p < problem.Pipelines.Length; p++)
            {
                var rest = 1.0;
                foreach (var (choice, c) in choices.Select((x, c) => (x, c)).Where(x => x.x.Pipeline == p).OrderByDescending(x => x.x.Accuracy))
                {
                    var capacity = Enumerable.Range(0, problem.Devices.Length).Sum(d => placed[c, d] * SlotQps(problem, p, choice.Name, d));
                    var demand = problem.Pipelines[p].DemandQps * headroom / problem.Options.Utilization;
                    var share = Math.Min(rest, demand > 0 ? capacity / demand : capacity > 0 ? 1 : 0);
                    (served, value, rest) = (served + (weights[p] * share), value + (weights[p] * share * choice.Accuracy), rest - share);
                }
            }

            return (served, value);
        }
    }

    private static double SlotQps(PlanningProblem problem, int pipeline, string variant, int device)
    {
        var profile = problem.Profile.Find(variant, problem.Devices[device].Name)!;
        var batch = profile.Batches.ToArray().LastOrDefault(b => profile.LatencyUs(b) < problem.Pipelines[pipeline].Pipeline.SloUs / 2.0);
        return batch == 0 ? 0 : problem.Devices[device].SlotShare * profile.ThroughputQps(batch);
    }

    private static double[] Weights(PlanningProblem problem)
    {
        var total = problem.Pipelines.Sum(p => p.DemandQps);
        return [.. problem.Pipelines.Select(p => p.DemandQps / total)];
    }
}
