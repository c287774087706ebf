namespace ServerlessLoki.Forecasting;

/// <summary>Exponentially weighted mean of the last samples, bias-corrected (Loki, demand estimate, Proteus, demand estimate).</summary>
public sealed class EwmaForecaster : IDemandForecaster
{
    private readonly double _keep;
    private readonly SampleWindow _window;

    /// <summary>Creates a forecaster without samples.</summary>
    /// <param name="com">Centre of mass, samples, at least 0: a sample weighs α = 1/(1 + com) of what is left. Loki: 1.6.</param>
    /// <param name="window">Samples kept; at least 1. Loki: 20.</param>
    public EwmaForecaster(double com = 1.6, int window = 20)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(com);
        _keep = 1 - (1 / (1 + com));
        _window = new SampleWindow(window);
    }

    /// <inheritdoc/>
    public string Name => "ewma";

    /// <inheritdoc/>
    public double ForecastQps
    {
        get
        {
            double sum = 0, weights = 0, weight = 1;
            for (var age = 0; age < _window.Count; age++)
            {
                sum += weight * _window[age];
                weights += weight;
                weight *= _keep;
            }

            return weights == 0 ? 0 : sum / weights;
        }
    }

    /// <inheritdoc/>
    public void Observe(double qps) => _window.Add(qps);
}
