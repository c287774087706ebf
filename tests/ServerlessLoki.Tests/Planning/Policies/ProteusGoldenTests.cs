using System.Globalization;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Proteus;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>The reference values of Proteus' resource allocation on its public profiles.</summary>
public sealed class ProteusGoldenTests
{
    private static readonly ProteusOptions Artifact = new() { WholeQps = true };

    [Theory]
    [InlineData(150, 99.590)]
    [InlineData(400, 99.590)]
    [InlineData(700, 99.590)]
    [InlineData(900, 99.588)]
    [InlineData(1065, 99.545)]
    public void Plan_TraceSplit_BestMeanAccuracy(double totalQps, double accuracy)
    {
        var problem = ProteusInstance.Problem(totalQps);

        // 1e-4 of 99.5 is half the tolerance of the table; the last digits of the largest row cost most of the search.
        problem = problem with { Options = problem.Options with { RelativeGap = 5e-5 } };
        var plan = new ProteusPolicy(new BranchAndBoundSolver(), options: Artifact).Plan(problem, TestContext.Current.CancellationToken);

        Assert.Equal(("accuracy", "optimal"), (plan.Proof.Step, plan.Proof.Status));
        Assert.All(plan.ServedShare, s => Assert.Equal(1, s));
        Assert.Equal(accuracy, plan.Accuracy * 100, 0.02);
        Assert.All(plan.Slots, s => Assert.True(s.LoadQps * 1.05 <= s.CapacityQps * (1 + 1e-6), s.ToString()));
    }

    [Theory]
    [InlineData("efficientnet-b0", "CPU", 4, 38)]
    [InlineData("efficientnet-b0", "GPU_PASCAL", 4, 28)]
    [InlineData("efficientnet-b0", "GPU_AMPERE", 4, 28)]
    [InlineData("resnest269", "GPU_PASCAL", 4, 38)]
    [InlineData("resnest269", "GPU_AMPERE", 2, 14)]
    [InlineData("gpt2", "GPU_PASCAL", 8, 57)]
    [InlineData("albert-xxlarge-v2", "GPU_AMPERE", 8, 276)]
    [InlineData("mobilenet1.0", "CPU", 8, 54)]
    public void Choice_SpotCheck_BatchAndCapacity(string variant, string device, int batch, double qps)
    {
        var choice = Choice(variant, device);

        Assert.Equal((batch, qps), (choice!.Batch, choice.SlotQps));
    }

    [Fact]
    public void Choice_EveryVariantAndKind_MaxBatchOfTheTable()
    {
        var rows = ResearchData.Rows("proteus/derived_capacity_slo300.csv");

        Assert.Equal(138, rows.Count);
        Assert.Equal(
            rows.Select(r => (r["variant"], r["worker_kind"], int.Parse(r["max_batch"], CultureInfo.InvariantCulture))),
            rows.Select(r => (r["variant"], r["worker_kind"], Choice(ProteusInstance.Name(r["variant"]), r["worker_kind"])?.Batch ?? 0)));
    }

    private static ProteusChoice? Choice(string variant, string device)
    {
        var problem = ProteusInstance.Problem(100);
        var family = problem.Pipelines.Select((p, i) => (p.Pipeline.Root.Variants, Index: i)).Single(p => p.Variants.Any(v => v.Name == variant));
        return ProteusChoice.Of(
            problem, Artifact, family.Index, family.Variants.Single(v => v.Name == variant).Index,
            problem.Devices.ToList().FindIndex(d => d.Name == device));
    }
}
