using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Vpa;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

// Every core answers 10 queries per second of the light variant and 4 of the heavy one.
public sealed class VpaPolicyTests
{
    private static Plan Plan(PlanningProblem problem, VpaOptions? options = null) => new VpaPolicy(options).Plan(problem, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("light", 50, 6)] // 5 cores · 1.15
    [InlineData("heavy", 50, 15)] // 12.5 · 1.15
    [InlineData("heavy", 1000, 20)]
    [InlineData("heavy", 0, 2)]
    public void Plan_NoArrivalsSeen_CoresForTheDemand(string variant, double demandQps, int cores)
    {
        var plan = Plan(Problem(demandQps), Fixed(variant));

        Assert.Equal(cores, plan.SlotsTaken);
        Assert.Equal(variant == "light" ? 0 : 1, Assert.Single(plan.Slots).Variant);
    }

    [Fact]
    public void Plan_NoVariantNamed_TheMostAccurate() => Assert.Equal(1, Assert.Single(Plan(Problem(20)).Slots).Variant);

    [Fact]
    public void Plan_UseRises_GrowsAtOnceButNoFurtherThanWhatFullCoresShow()
    {
        var running = Plan(Problem(20), Fixed("light")); // 3 cores
        var busy = Problem(200, Seen((300, 200))) with { Previous = running };

        // The three cores are busy all the time: 3 · 1.15 is all that can be asked for.
        Assert.Equal((3, 4), (running.SlotsTaken, Plan(busy, Fixed("light")).SlotsTaken));
    }

    [Fact]
    public void Plan_UseOfASecondInTen_IsNotProvidedFor()
    {
        // 8 of 100 seconds at 100, else 20: the 90th percentile is 20.
        var plan = Plan(Problem(20, Seen((92, 20), (8, 100))) with { Previous = Running(10) }, Fixed("light") with { ShrinkAfter = 0 });

        Assert.Equal(3, plan.SlotsTaken);
    }

    [Theory]
    [InlineData(700, 12)] // 130 of 830 seconds are more than a tenth
    [InlineData(1200, 12)] // now 130 of 1330 are not, but 120 s ago 130 of 1210 were
    [InlineData(1400, 3)]
    public void Plan_UseFell_ShrinksAfterFourDecisionsThatWantLess(int secondsAgo, int cores)
    {
        var seen = Seen((130, 100), (secondsAgo, 20));

        Assert.Equal(cores, Plan(Problem(20, seen) with { Previous = Running(12) }, Fixed("light")).SlotsTaken);
    }

    [Fact]
    public void Plan_TooLittleSeenToJudge_KeepsItsCores() =>
        Assert.Equal(12, Plan(Problem(20, Seen((59, 20))) with { Previous = Running(12) }, Fixed("light")).SlotsTaken);

    [Fact]
    public void Plan_MoreThanTheCoresCanServe_IsOverload()
    {
        var plan = Plan(Problem(400), Fixed("heavy"));

        Assert.Equal((80.0 / 400, "overload"), (plan.ServedShare[0], plan.Proof.Step));
    }

    [Fact]
    public void Plan_RealCoreTimeKnown_CoresForThat() =>
        Assert.Equal(3, Plan(Problem(50), Fixed("light") with { QpsPerCore = ImmutableDictionary<string, double>.Empty.Add("light", 25) }).SlotsTaken);

    [Fact]
    public void Plan_VariantThatDoesNotExist_Refuses() => Assert.Throws<PlanningRefusedException>(() => Plan(Problem(20), Fixed("huge")));

    [Fact]
    public void Constructor_SettingsOutOfBounds_ListsAll()
    {
        var refused = Assert.Throws<ArgumentException>(() => new VpaPolicy(new VpaOptions { Percentile = 0, Margin = 0.5, Window = TimeSpan.FromSeconds(5) }));

        Assert.All(["$.percentile", "$.margin", "$.window"], path => Assert.Contains(path, refused.Message, StringComparison.Ordinal));
    }

    private static VpaOptions Fixed(string variant) => new() { Variants = ImmutableDictionary<string, string>.Empty.Add("classify", variant), Window = TimeSpan.FromDays(1) };

    private static PlanningProblem Problem(double demandQps, ArrivalWindow? recent = null)
    {
        ImmutableArray<double> Capacity(double perCore) => [.. Enumerable.Range(0, 21).Select(n => n * perCore)];
        return InfAdapterInstance.Problem(demandQps, 20, [0, 0], ["light", "heavy"], [0.7, 0.8], [6, 8], [Capacity(10), Capacity(4)], minCores: 2) with { Recent = recent };
    }

    private static Plan Running(int cores) => Plan(Problem((cores - 0.5) * 10 / 1.15), Fixed("light"));

    /// <summary>So many seconds at so many evenly spread queries per second, one after the other.</summary>
    private static ArrivalWindow Seen(params (int Seconds, int Qps)[] phases)
    {
        var arrivals = ImmutableArray.CreateBuilder<Arrival>();
        var second = 0L;
        foreach (var (seconds, qps) in phases)
        {
            for (var end = second + seconds; second < end; second++)
            {
                for (var i = 0; i < qps; i++)
                    arrivals.Add(new Arrival((second * 1_000_000) + (i * 1_000_000L / qps), 0));
            }
        }

        return new ArrivalWindow(0, second * 1_000_000, arrivals.ToImmutable());
    }
}
