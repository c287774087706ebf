namespace ServerlessLoki.Forecasting;

/// <summary>
/// Holt-Winters: exponentially smoothed level, trend and, where demand repeats, an additive season. Follows a rise and
/// knows the hour of the day.
/// </summary>
/// <remarks>Level l ← α(x − s) + (1 − α)(l + b), trend b ← β(l − l') + (1 − β)b, season s ← γ(x − l) + (1 − γ)s; the forecast is
/// l + h·b + s at horizon h, never below 0. The season begins to count once it was seen in full; the trend is reset at that moment.</remarks>
public sealed class HoltWintersForecaster : IDemandForecaster
{
    private readonly double _alpha;
    private readonly double _beta;
    private readonly double _gamma;
    private readonly int _horizon;
    private readonly double[] _season;
    private double _level;
    private double _trend;
    private double _firstSeasonSum;
    private long _samples;

    /// <summary>Creates a forecaster without samples.</summary>
    /// <param name="level">α: weight of a sample in the level; above 0 up to 1. Default 0.4.</param>
    /// <param name="trend">β: weight of the last step in the trend; 0..1. Default 0.2.</param>
    /// <param name="season">γ: weight of a sample in its place of the season; 0..1. Default 0.2.</param>
    /// <param name="seasonLength">Samples after which demand repeats; 0 = it does not. Default 0.</param>
    /// <param name="horizon">Samples ahead to forecast; at least 1. Default 2: a plan made now serves the coming period, after loading.</param>
    public HoltWintersForecaster(double level = 0.4, double trend = 0.2, double season = 0.2, int seasonLength = 0, int horizon = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(trend);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(trend, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(season);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(season, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(seasonLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        (_alpha, _beta, _gamma, _horizon) = (level, trend, season, horizon);
        _season = new double[seasonLength];
    }

    /// <inheritdoc/>
    public string Name => "holt-winters";

    /// <inheritdoc/>
    public double ForecastQps => _samples == 0 ? 0 : Math.Max(0, _level + (_horizon * _trend) + Season(_samples - 1 + _horizon));

    /// <inheritdoc/>
    public void Observe(double qps)
    {
        SampleWindow.Check(qps);
        var place = _season.Length == 0 ? 0 : (int)(_samples % _season.Length);
        var before = _level;
        _level = _samples == 0 ? qps : (_alpha * (qps - Season(_samples))) + ((1 - _alpha) * (_level + _trend));
        _trend = _samples == 0 ? 0 : (_beta * (_level - before)) + ((1 - _beta) * _trend);
        if (_samples < _season.Length)
            LearnFirstSeason(place, qps);
        else if (_season.Length > 0)
            _season[place] = (_gamma * (qps - _level)) + ((1 - _gamma) * _season[place]);
        _samples++;
    }

    private double Season(long sample) => _season.Length == 0 || _samples < _season.Length ? 0 : _season[sample % _season.Length];

    // Until it was seen once the season only collects; then its mean becomes the level, and what differs from that the season.
    private void LearnFirstSeason(int place, double qps)
    {
        _season[place] = qps;
        _firstSeasonSum += qps;
        if (place < _season.Length - 1)
            return;
        (_level, _trend) = (_firstSeasonSum / _season.Length, 0);
        for (var i = 0; i < _season.Length; i++)
            _season[i] -= _level;
    }
}
