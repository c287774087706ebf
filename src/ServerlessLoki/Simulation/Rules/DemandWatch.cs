using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Rules;

/// <summary>Turns one pipeline's arrivals into a forecast, period by period, and sees bursts between.</summary>
internal sealed class DemandWatch(IDemandForecaster forecaster, double initialQps)
{
    /// <summary>A count this many standard deviations of a Poisson count above the forecast is a burst, not chance.</summary>
    private const double BurstDeviations = 4;

    /// <summary>Below this many arrivals a short window says nothing about the rate.</summary>
    private const long BurstArrivals = 8;
    private long _folded;
    private long _burst;

    /// <summary>Counted by the engine as queries come.</summary>
    public long Arrivals { get; set; }

    public double ForecastQps { get; private set; } = initialQps;

    /// <summary>True if the time since the last look brought far more than was planned for; the forecast then follows at once.</summary>
    /// <param name="seconds">Since the last look or <see cref="Fold"/>.</param>
    public bool SeesBurst(double seconds)
    {
        var fresh = Arrivals - _burst;
        _burst = Arrivals;
        var expected = ForecastQps * seconds;
        if (fresh < BurstArrivals || fresh <= expected + (BurstDeviations * Math.Sqrt(expected)))
            return false;
        ForecastQps = fresh / seconds;
        return true;
    }

    public void Fold(double seconds)
    {
        forecaster.Observe((Arrivals - _folded) / seconds);
        ForecastQps = forecaster.ForecastQps;
        _folded = Arrivals;
        _burst = Arrivals;
    }
}
