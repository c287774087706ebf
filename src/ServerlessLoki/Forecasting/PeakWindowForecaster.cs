namespace ServerlessLoki.Forecasting;

/// <summary>Largest of the last samples: never below the last demand, slow to fall.</summary>
public sealed class PeakWindowForecaster : IDemandForecaster
{
    private readonly SampleWindow _window;

    /// <summary>Creates a forecaster without samples.</summary>
    /// <param name="samples">Samples remembered; at least 1.</param>
    public PeakWindowForecaster(int samples) => _window = new SampleWindow(samples);

    /// <inheritdoc/>
    public string Name => "peak-window";

    /// <inheritdoc/>
    public double ForecastQps
    {
        get
        {
            var peak = 0.0;
            for (var age = 0; age < _window.Count; age++)
                peak = Math.Max(peak, _window[age]);
            return peak;
        }
    }

    /// <inheritdoc/>
    public void Observe(double qps) => _window.Add(qps);
}
