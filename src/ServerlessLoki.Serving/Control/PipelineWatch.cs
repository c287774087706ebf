using ServerlessLoki.Control;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Control;

/// <summary>Rates of one pipeline, computed from its counters period by period. Used by the control loop only.</summary>
internal sealed class PipelineWatch(PipelineMetrics metrics)
{
    private long _demand;
    private long _came;
    private long _completed;
    private long _rejected;
    private long _expired;
    private long _beyondSlo;
    private double _accuracySum;

    /// <summary>Ends a period and returns its figures.</summary>
    /// <param name="demand">All demand until now.</param>
    /// <param name="elapsed">Length of the period.</param>
    /// <param name="forecastQps">Demand that is planned for.</param>
    public PipelineTick Fold(long demand, TimeSpan elapsed, double forecastQps)
    {
        var seconds = elapsed.TotalSeconds;
        var came = metrics.Urgent;
        var completed = metrics.Count(QueryOutcome.Completed);
        var rejected = metrics.Count(QueryOutcome.Rejected) + metrics.Count(QueryOutcome.Unavailable);
        var expired = metrics.Count(QueryOutcome.Expired);
        var beyondSlo = metrics.BeyondSlo;
        var accuracy = metrics.AccuracySum;
        var window = metrics.TakeWindow();
        var answered = completed - _completed;
        var tick = new PipelineTick(
            metrics.Pipeline, (demand - _demand) / seconds, forecastQps, answered / seconds, (rejected - _rejected) / seconds,
            (expired - _expired) / seconds,
            answered > 0 ? (accuracy - _accuracySum) / answered : double.NaN,
            window.Count > 0 ? window.Quantile(0.5) / 1000.0 : double.NaN,
            window.Count > 0 ? window.Quantile(0.99) / 1000.0 : double.NaN,
            metrics.Pending)
        {
            BeyondSloQps = (beyondSlo - _beyondSlo) / seconds,
            LostQps = PeriodOutcome.Believed(rejected - _rejected + expired - _expired, came - _came, demand - _demand) / seconds,
        };
        (_demand, _came, _completed, _rejected, _expired, _beyondSlo, _accuracySum) = (demand, came, completed, rejected, expired, beyondSlo, accuracy);
        return tick;
    }
}
