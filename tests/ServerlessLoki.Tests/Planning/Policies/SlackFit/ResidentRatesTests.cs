using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning.Policies.SlackFit;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies.SlackFit;

/// <summary>Windows of an objective of 200 ms.</summary>
public sealed class ResidentRatesTests
{
    [Fact]
    public void Of_Burst_ItsRowsCountAtItsRate()
    {
        // Ten in each of 50 windows, but 60 in the last one: 550 queries.
        var arrivals = Enumerable.Range(0, 50).SelectMany(w => Enumerable.Repeat(new Arrival((w * 200_000) + 100_000), w == 49 ? 60 : 10));

        var rates = Rates(10, arrivals, 10_000_000);

        Assert.Equal([50.0, 300], rates.Select(r => r.Qps));
        Assert.Equal([490 / 550.0, 60 / 550.0], rates.Select(r => r.Share), Near);
    }

    [Fact]
    public void Of_DemandAboveWhatCame_RatesRiseWithIt()
    {
        var arrivals = Enumerable.Range(0, 50).Select(w => new Arrival((w * 200_000) + 100_000));

        Assert.Equal([(20.0, 1.0)], Rates(20, arrivals, 10_000_000));
        Assert.Equal([(5.0, 1.0)], Rates(2, arrivals, 10_000_000));
    }

    [Fact]
    public void Of_NothingSeen_DemandAndItsChance() => Assert.Equal([(100 + (2 * Math.Sqrt(100 / 0.2)), 1.0)], Rates(100, [], 0));

    [Fact]
    public void Overrun_PlanCarriesLessThanCame_TheShareBeyondIt()
    {
        // A tenth of the queries came at 300/s, the others at 50/s; the plan carries 100/s, half of it used.
        var arrivals = Enumerable.Range(0, 50).SelectMany(w => Enumerable.Repeat(new Arrival((w * 200_000) + 100_000), w == 49 ? 60 : 10));
        var problem = Synthetic.Problem(50, 1, -1) with { Recent = new ArrivalWindow(0, 10_000_000, [.. arrivals]) };
        var plan = SlackFitPolicyTests.Plan(problem);
        plan = plan with { ServedShare = [1], Slots = [plan.Slots[0] with { CapacityQps = 100, LoadQps = 50 }] };

        Assert.Equal(60 / 550.0 * (1 - (100 / 300.0)), ResidentRates.Of(problem).Overrun(problem, plan), 9);
    }

    private static ImmutableArray<(double Qps, double Share)> Rates(double demand, IEnumerable<Arrival> arrivals, long nowUs) =>
        ResidentRates.Of(Synthetic.Problem(demand, 1, -1) with { Recent = new ArrivalWindow(0, nowUs, [.. arrivals]) })[0];

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-9;
}
