using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies.Unified;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class DemandOutlookTests
{
    private const double LoadTimes = 4;
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(8);

    [Fact]
    public void Of_ModelsLoadAtOnce_KeepsTheForecast() =>
        Assert.Equal(70, DemandOutlook.Of(Problem(70, _ => 100) with { LoadTime = TimeSpan.Zero }, LoadTimes).Pipelines[0].DemandQps);

    [Fact]
    public void Of_NothingSeenYet_KeepsTheForecast() =>
        Assert.Equal(70, DemandOutlook.Of(Problem(70, _ => 100) with { Recent = null }, LoadTimes).Pipelines[0].DemandQps);

    [Theory]
    [InlineData(6)]
    [InlineData(100)]
    public void Of_SteadyTraffic_IsItsMeanWhateverTheForecastSays(double qps) =>
        Assert.InRange(Qps(3 * qps, _ => qps), qps, 1.15 * qps);

    [Fact]
    public void Of_PeakWithinTheLoadTimesThatAPlanLasts_IsPlannedForStill()
    {
        Assert.InRange(Qps(100, age => age is > 20 and < 30 ? 200 : 100), 185, 205);
        Assert.InRange(Qps(100, age => age > 40 ? 200 : 100), 100, 110);
    }

    [Fact]
    public void Of_Rise_IsCarriedOnUntilModelsLoadedNowServe() =>
        // Five a second for a minute: 400 now, 445 when models have loaded and the next plan is due.
        Assert.InRange(Qps(400, age => 400 - (5 * age)), 415, 475);

    [Fact]
    public void Of_Jump_IsSeenBeforeAWholeMeanHasPassed() =>
        Assert.True(Qps(100, age => age < 2 ? 400 : 100) > 350);

    private static double Qps(double forecast, Func<double, double> rateByAge) => DemandOutlook.Of(Problem(forecast, rateByAge), LoadTimes).Pipelines[0].DemandQps;

    // Evenly spaced arrivals of a minute, by seconds before now.
    private static PlanningProblem Problem(double forecast, Func<double, double> rateByAge)
    {
        const int Seconds = 60;
        var arrivals = ImmutableArray.CreateBuilder<Arrival>();
        for (var at = 0.0; at < Seconds; at += 1 / rateByAge(Seconds - at))
            arrivals.Add(new Arrival((long)(at * 1e6)));
        return Synthetic.Problem(forecast, 12, -1) with { LoadTime = Load, Recent = new ArrivalWindow(0, Seconds * 1_000_000, arrivals.ToImmutable()) };
    }
}
