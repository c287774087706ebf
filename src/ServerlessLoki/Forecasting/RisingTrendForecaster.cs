namespace ServerlessLoki.Forecasting;

/// <summary>Follows a rise without lag: the last sample, or the line through the last samples carried on, whichever is more.</summary>
/// <remarks>A falling line is not followed (the last sample counts): planning too little costs deadlines, too much only accuracy.</remarks>
public sealed class RisingTrendForecaster : IDemandForecaster
{
    private readonly SampleWindow _window;
    private readonly double _horizon;

    /// <summary>Creates a forecaster without samples.</summary>
    /// <param name="samples">Samples that the line is fitted to (least squares); at least 2. Default 3.</param>
    /// <param name="horizon">Distance of the extrapolation, in samples; at least 0. Default 1.5: a plan made now serves the period that
    /// begins now, and its last moment lies one period ahead of the newest sample's middle plus loading time.</param>
    public RisingTrendForecaster(int samples = 3, double horizon = 1.5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        _window = new SampleWindow(samples);
        _horizon = horizon;
    }

    /// <inheritdoc/>
    public string Name => "rising-trend";

    /// <inheritdoc/>
    public double ForecastQps => _window.Count == 0 ? 0 : _window[0] + (Math.Max(0, Slope()) * _horizon);

    /// <inheritdoc/>
    public void Observe(double qps) => _window.Add(qps);

    private double Slope()
    {
        var n = _window.Count;
        if (n < 2)
            return 0;
        var middle = (n - 1) / 2.0;
        double covariance = 0, variance = 0;
        for (var age = 0; age < n; age++)
        {
            var time = middle - age;
            covariance += time * _window[age];
            variance += time * time;
        }

        return covariance / variance;
    }
}
