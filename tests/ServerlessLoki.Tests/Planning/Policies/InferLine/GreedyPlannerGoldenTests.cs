using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies.InferLine;

/// <summary>InferLine's plans of the example chain, every row.</summary>
public sealed class GreedyPlannerGoldenTests
{
    [Fact]
    public void Plan_ServiceTimeAboveTheObjective_Infeasible() => Assert.Null(InferLineInstance.Planner("steady", 10).Plan());

    [Theory]
    [InlineData("steady", 30, "1/1/cpu, 1/1/v100", 2.661, 12, "32/1/cpu, 32/2/k80", 1.4675, 27, "1/1/cpu, 1/2/k80", 27)]
    [InlineData("steady", 60, "1/1/cpu, 1/1/v100", 2.661, 12, "32/1/cpu, 32/1/k80", 0.767, 53, "1/1/cpu, 2/1/k80", 53)]
    [InlineData("steady", 150, "1/1/cpu, 1/1/v100", 2.661, 12, "32/1/cpu, 32/1/k80", 0.767, 53, "1/1/cpu, 2/1/k80", 53)]
    [InlineData("steady", 400, "1/1/cpu, 1/1/v100", 2.661, 12, "32/1/cpu, 32/9/cpu", 0.665, 185, "1/1/cpu, 1/9/cpu", 185)]
    [InlineData("burst4", 30, "1/1/cpu, 1/1/v100", 2.661, 22, "32/1/cpu, 32/1/v100", 2.661, 29, "1/1/cpu, 1/1/v100", 22)]
    [InlineData("burst4", 60, "1/1/cpu, 1/1/v100", 2.661, 22, "2/1/cpu, 32/1/k80", 0.767, 57, "1/1/cpu, 2/1/k80", 57)]
    [InlineData("burst4", 150, "1/1/cpu, 1/1/v100", 2.661, 22, "32/1/cpu, 32/1/k80", 0.767, 65, "1/1/cpu, 2/1/k80", 57)]
    [InlineData("burst4", 400, "1/1/cpu, 1/1/v100", 2.661, 22, "32/1/cpu, 32/9/cpu", 0.665, 205, "1/1/cpu, 1/9/cpu", 205)]
    [InlineData("burst8", 30, "1/2/cpu, 1/2/v100", 5.322, 27, "4/2/cpu, 32/2/v100", 5.322, 29, "1/2/cpu, 1/2/v100", 27)]
    [InlineData("burst8", 60, "1/1/cpu, 1/1/v100", 2.661, 42, "2/1/cpu, 32/2/k80", 1.4675, 58, "1/1/cpu, 1/2/k80", 59)]
    [InlineData("burst8", 150, "1/1/cpu, 1/1/v100", 2.661, 42, "32/1/cpu, 32/1/k80", 0.767, 86, "1/1/cpu, 2/1/k80", 75)]
    [InlineData("burst8", 400, "1/1/cpu, 1/1/v100", 2.661, 42, "32/1/cpu, 2/9/cpu", 0.665, 358, "8/1/cpu, 1/9/cpu", 258)]
    public void Plan_ToyChain_AsInTheTable(
        string trace, long sloMs, string start, double startCost, double startMs, string literal, double cost, double literalMs, string trimmed, double trimmedMs)
    {
        var planner = InferLineInstance.Planner(trace, sloMs);

        var plan = planner.Plan()!;

        Assert.Equal((start, literal, trimmed), (InferLineInstance.Text(plan.Start), InferLineInstance.Text(plan.Untrimmed), InferLineInstance.Text(plan.Setting)));
        Assert.Equal([startMs, literalMs, trimmedMs], [planner.P99Us(plan.Start) / 1000, planner.P99Us(plan.Untrimmed) / 1000, plan.P99Us / 1000]);
        Assert.Equal(startCost, planner.Cost(plan.Start), 1e-9);
        Assert.Equal(cost, plan.Cost, 1e-9);
    }

    [Theory]
    [InlineData("burst4", 30, 1.6005)]
    [InlineData("burst8", 30, 2.794)]
    [InlineData("steady", 30, 1.4675)]
    [InlineData("burst4", 60, 0.767)]
    [InlineData("burst8", 60, 1.4675)]
    [InlineData("steady", 400, 0.665)]
    public void Exact_ToyChain_TheOptimumOfTheTable(string trace, long sloMs, double cost)
    {
        var planner = InferLineInstance.Planner(trace, sloMs);

        var exact = planner.Exact(planner.Plan()!, 100_000);

        Assert.Equal(cost, exact.Cost, 1e-9);
        Assert.True(planner.IsFeasible(exact.Setting));
    }

    /// <summary>Acceptance (a) of InferLine's what users expect.</summary>
    [Fact]
    public void Exact_LooserObjective_NeverDearer()
    {
        var costs = new[] { 25L, 30, 40, 60, 90, 150 }.Select(slo =>
        {
            var planner = InferLineInstance.Planner("burst4", slo);
            return planner.Exact(planner.Plan()!, 100_000).Cost;
        }).ToArray();

        Assert.Equal(costs.OrderDescending(), costs);
    }

    /// <summary>Acceptance (b): at equal mean rate larger bursts never cost less.</summary>
    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(400)]
    public void Plan_LargerBursts_NeverCheaper(long sloMs)
    {
        var costs = new[] { "steady", "burst4", "burst8" }.Select(t => InferLineInstance.Planner(t, sloMs).Plan()!.Cost).ToArray();

        Assert.Equal(costs.Order(), costs);
    }
}
