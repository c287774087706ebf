using ServerlessLoki.Forecasting;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Metrics;

namespace ServerlessLoki.Serving.Control;

/// <summary>Turns one pipeline's counters into rates and a forecast, period by period. Used by the control loop only.</summary>
internal sealed class PipelineWatch(PipelineMetrics metrics, IDemandForecaster forecaster)
{
    /// <summary>A count this many standard deviations of a Poisson count above the forecast is a burst, not chance.</summary>
    private const double BurstDeviations = 4;

    /// <summary>Below this many arrivals a short window says nothing about the rate.</summary>
    private const long BurstArrivals = 8;
    private long _arrivals;
    private long _completed;
    private long _rejected;
    private long _expired;
    private double _accuracySum;
    private long _burstArrivals;

    public double ForecastQps { get; private set; }

    /// <summary>True if the last short interval brought far more than was planned for; the forecast then follows at once.</summary>
    public bool SeesBurst(TimeSpan elapsed)
    {
        var arrivals = metrics.Arrivals;
        var fresh = arrivals - _burstArrivals;
        _burstArrivals = arrivals;
        var expected = ForecastQps * elapsed.TotalSeconds;
        if (fresh < BurstArrivals || fresh <= expected + (BurstDeviations * Math.Sqrt(expected)))
            return false;
        ForecastQps = fresh / elapsed.TotalSeconds;
        return true;
    }

    public PipelineTick Fold(TimeSpan elapsed)
    {
        var seconds = elapsed.TotalSeconds;
        var (arrivals, completed) = (metrics.Arrivals, metrics.Count(QueryOutcome.Completed));
        var rejected = metrics.Count(QueryOutcome.Rejected) + metrics.Count(QueryOutcome.Unavailable);
        var expired = metrics.Count(QueryOutcome.Expired);
        var accuracy = metrics.AccuracySum;
        var window = metrics.TakeWindow();
        var demand = (arrivals - _arrivals) / seconds;
        forecaster.Observe(demand);
        ForecastQps = forecaster.ForecastQps;
        var answered = completed - _completed;
        var tick = new PipelineTick(
            metrics.Pipeline, demand, ForecastQps, answered / seconds, (rejected - _rejected) / seconds, (expired - _expired) / seconds,
            answered > 0 ? (accuracy - _accuracySum) / answered : double.NaN,
            window.Count > 0 ? window.Quantile(0.5) / 1000.0 : double.NaN,
            window.Count > 0 ? window.Quantile(0.99) / 1000.0 : double.NaN,
            metrics.Pending);
        (_arrivals, _completed, _rejected, _expired, _accuracySum) = (arrivals, completed, rejected, expired, accuracy);
        _burstArrivals = arrivals;
        return tick;
    }
}
