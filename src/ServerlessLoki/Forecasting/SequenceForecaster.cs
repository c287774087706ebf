namespace ServerlessLoki.Forecasting;

/// <summary>Forecast of a learned model from the maxima of the last steps (IPA, adapter loop, InfAdapter, forecast and decision loop); the
/// largest sample seen until there are enough steps.</summary>
public sealed class SequenceForecaster : IDemandForecaster
{
    private readonly ISequenceModel _model;
    private readonly SampleWindow _window;
    private readonly float[] _rates;
    private double _forecastQps;

    /// <summary>Creates a forecaster without samples.</summary>
    /// <param name="model">Model that continues the sequence.</param>
    public SequenceForecaster(ISequenceModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _window = new SampleWindow(model.Steps * model.SamplesPerStep);
        _rates = new float[model.Steps];
    }

    /// <inheritdoc/>
    public string Name => "onnx";

    /// <inheritdoc/>
    public double ForecastQps => _forecastQps;

    /// <inheritdoc/>
    public void Observe(double qps)
    {
        _window.Add(qps);
        var largest = 0.0;
        Array.Clear(_rates);
        for (var age = 0; age < _window.Count; age++)
        {
            var step = _rates.Length - 1 - (age / _model.SamplesPerStep);
            _rates[step] = Math.Max(_rates[step], (float)_window[age]);
            largest = Math.Max(largest, _window[age]);
        }

        if (_window.Count < _rates.Length * _model.SamplesPerStep)
        {
            _forecastQps = largest;
            return;
        }

        // A model may answer anything; a demand it must be.
        var predicted = _model.Predict(_rates);
        _forecastQps = double.IsFinite(predicted) ? Math.Max(0, predicted) : largest;
    }
}
