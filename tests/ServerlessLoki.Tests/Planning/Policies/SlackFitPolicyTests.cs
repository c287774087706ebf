using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.SlackFit;
using ServerlessLoki.Profiles;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>Variant k of a task takes 2 · 2^k · (0.4 + 0.6 b) ms; accuracies 0.625, 0.75, 0.875 and 1.</summary>
public sealed class SlackFitPolicyTests
{
    internal static Plan Plan(PlanningProblem problem) => SlackFitPolicy.SlackFit().Plan(problem, TestContext.Current.CancellationToken);

    [Fact]
    public void Plan_OneTask_AllSlotsHoldAllVariants()
    {
        var problem = Synthetic.Problem(100, 3, -1);

        var plan = Plan(problem);

        var group = Assert.Single(plan.Slots);
        Assert.Equal((0, 3, 16), (group.Variant, group.Replicas, group.Batch));
        Assert.Equal([0, 1, 2, 3], group.Resident!.Variants);
        Assert.Equal(3 * 16 / 20e-3, group.CapacityQps, 1e-6);
        Assert.Equal(1, plan.ServedShare[0]);
        Assert.Equal(1, plan.Accuracy, 1e-9);
        Assert.Contains("p-t0-v3 or p-t0-v2 or p-t0-v1 or p-t0-v0", plan.Why[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_Load_AccuracyIsTheMixOfWhatItLeavesTimeFor()
    {
        // One slot: 16 rows take 20, 40, 80 and 160 ms. At 600 rows/s a row may take 1.667 ms: some take 1.25 ms (v0), the others 2.5 ms (v1).
        var plan = Plan(Synthetic.Problem(600, 1, -1));

        var share = ((1e3 / 600) - 1.25) / (2.5 - 1.25);
        Assert.Equal(0.625 + (share * 0.125), plan.Accuracy, 1e-9);
        Assert.Equal("accuracy", plan.Proof.Step);
    }

    [Fact]
    public void Plan_Overload_TheRestIsShed()
    {
        var plan = Plan(Synthetic.Problem(1600, 1, -1));

        Assert.Equal(0.5, plan.ServedShare[0], 1e-9);
        Assert.Equal(0.625, plan.Accuracy, 1e-9);
        Assert.Equal("overload", plan.Proof.Step);
    }

    // Four children per query: nearly all the work is the child's. Of 10 slots the root gets 2, the child 8.
    [Fact]
    public void Plan_Chain_SlotsGoByWorkAndTheObjectiveIsSplit()
    {
        var problem = Synthetic.Problem(10, 10, -1, 0);
        var graph = problem.Pipelines[0].Pipeline;
        problem = problem with { Pipelines = [new PipelineDemand(graph, 10, new FanOut([[4, 4, 4, 4]]))] };

        var plan = Plan(problem);

        Assert.Equal([2, 8], plan.Slots.Select(s => s.Replicas));
        Assert.All(plan.Slots, s => Assert.Equal(100_000, s.Resident!.ObjectiveUs));
    }

    [Fact]
    public void Plan_MemoryForSome_TheFastestAndTheMostAccurateThatFit()
    {
        var problem = WithMemory(Synthetic.Problem(100, 1, -1), slot: 100, 10, 20, 50, 60);

        // The fastest takes 10, the most accurate 60, and of what is left, 30, v1 takes 20.
        Assert.Equal([0, 1, 3], Assert.Single(Plan(problem).Slots).Resident!.Variants);
    }

    [Fact]
    public void Plan_FastestDoesNotFit_TheNextOneServesTheQueue()
    {
        var group = Assert.Single(Plan(WithMemory(Synthetic.Problem(100, 1, -1), slot: 60, 100, 30, 20, 90)).Slots);

        Assert.Equal(1, group.Variant);
        Assert.Equal([1, 2], group.Resident!.Variants);
    }

    [Fact]
    public void Plan_TwoDevices_OneQueueAndEachHoldsWhatFits()
    {
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1], 4), 100)], [new DeviceType("big", 1), new DeviceType("small", 2)]);
        problem = WithMemory(problem, slot: 1000, 10, 20, 50, 60);
        problem = problem with { Devices = [problem.Devices[0], problem.Devices[1] with { MemoryMiB = 30 }] };

        var plan = Plan(problem);

        Assert.Equal([0, 0], plan.Slots.Select(s => s.Variant));
        Assert.Equal([0, 1, 2, 3], plan.Slots[0].Resident!.Variants);
        Assert.Equal([0, 1], plan.Slots[1].Resident!.Variants);
        Assert.Equal([1, 2], plan.Slots.Select(s => s.Replicas));
    }

    [Fact]
    public void SlackFit_NoBucket_Refused() =>
        Assert.Contains("$.buckets: found 0", Assert.Throws<ArgumentException>(() => SlackFitPolicy.SlackFit(new SlackFitOptions { Buckets = 0 })).Message, StringComparison.Ordinal);

    [Fact]
    public void Rules_EachPolicy_HasItsOwn()
    {
        var problem = Synthetic.Problem(100, 1, -1);

        Assert.Equal(ResidentRule.MaxAccuracy, SlackFitPolicy.MaxAccuracy().Plan(problem, TestContext.Current.CancellationToken).Slots[0].Resident!.Rule);
        Assert.Equal(ResidentRule.MaxBatch, SlackFitPolicy.MaxBatch().Plan(problem, TestContext.Current.CancellationToken).Slots[0].Resident!.Rule);
        Assert.Equal((ResidentRule.SlackFit, 8), (Plan(problem).Slots[0].Resident!.Rule, Plan(problem).Slots[0].Resident!.Buckets));
    }

    private static PlanningProblem WithMemory(PlanningProblem problem, double slot, params double[] variants)
    {
        var graph = problem.Pipelines[0].Pipeline;
        var json = $$"""
            { "name": "{{graph.Name}}", "sloMs": {{graph.SloUs / 1000}}, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "t0", "variants": [{{string.Join(", ", graph.Root.Variants.Select(v =>
                  $$"""{"name": "{{v.Name}}", "model": "m.onnx", "accuracy": {{v.Accuracy}}, "memoryMiB": {{variants[v.Index]}} }"""))}}]} ] }
            """;
        var held = TestPipelines.Read(json);
        return problem with
        {
            Pipelines = [new PipelineDemand(held, problem.Pipelines[0].DemandQps, FanOut.One(held))],
            Devices = [.. problem.Devices.Select(d => d with { MemoryMiB = slot })],
        };
    }
}
