namespace ServerlessLoki.Forecasting;

/// <summary>Forecast of one pipeline's demand from its arrivals, period by period, with detection of bursts in between. Not
/// thread-safe.</summary>
/// <param name="forecaster">Forecaster for this pipeline only; no other caller feeds it.</param>
/// <param name="initialQps">Demand expected before the first period has ended, queries per second.</param>
internal sealed class DemandWatch(IDemandForecaster forecaster, double initialQps = 0)
{
    /// <summary>Standard deviations of a Poisson count above the forecast from which a count is a burst, not chance.</summary>
    private const double BurstDeviations = 4;

    /// <summary>Fewest arrivals in a short window that say anything about the rate.</summary>
    private const long BurstArrivals = 8;
    private long _folded;
    private long _looked;

    /// <summary>Demand to plan for, queries per second.</summary>
    public double ForecastQps { get; private set; } = initialQps;

    /// <summary>Tests whether far more arrived since the last look than was planned for; the forecast then follows at once.</summary>
    /// <param name="arrivals">All demand until now, see <see cref="DemandCount"/>.</param>
    /// <param name="seconds">Time since the last look or <see cref="Fold"/>, seconds.</param>
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

    /// <summary>Ends a period and updates the forecast.</summary>
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
