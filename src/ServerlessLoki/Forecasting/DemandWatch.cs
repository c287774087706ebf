namespace ServerlessLoki.Forecasting;

/// <summary>Turns one pipeline's arrivals into a forecast, period by period, and sees bursts between. Not thread-safe.</summary>
/// <param name="forecaster">Its own: nobody else feeds it.</param>
/// <param name="initialQps">Demand expected before the first period has ended, queries per second.</param>
internal sealed class DemandWatch(IDemandForecaster forecaster, double initialQps = 0)
{
    /// <summary>A count this many standard deviations of a Poisson count above the forecast is a burst, not chance.</summary>
    private const double BurstDeviations = 4;

    /// <summary>Below this many arrivals a short window says nothing about the rate.</summary>
    private const long BurstArrivals = 8;
    private long _folded;
    private long _looked;

    /// <summary>Demand to plan for, queries per second.</summary>
    public double ForecastQps { get; private set; } = initialQps;

    /// <summary>True if the time since the last look brought far more than was planned for; the forecast then follows at once.</summary>
    /// <param name="arrivals">All demand until now, see <see cref="DemandCount"/>.</param>
    /// <param name="seconds">Since the last look or <see cref="Fold"/>.</param>
    public bool SeesBurst(long arrivals, double seconds)
    {
        var fresh = arrivals - _looked;
        _looked = arrivals;
        var expected = ForecastQps * seconds;
        if (fresh < BurstArrivals || fresh <= expected + (BurstDeviations * Math.Sqrt(expected)))
            return false;
        ForecastQps = fresh / seconds;
        return true;
    }

    /// <summary>Ends a period.</summary>
    /// <param name="arrivals">All demand until now.</param>
    /// <param name="seconds">Length of the period.</param>
    public void Fold(long arrivals, double seconds)
    {
        forecaster.Observe((arrivals - _folded) / seconds);
        ForecastQps = forecaster.ForecastQps;
        _folded = arrivals;
        _looked = arrivals;
    }
}
