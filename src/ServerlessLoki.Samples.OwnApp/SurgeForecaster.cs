using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Samples.OwnApp;

/// <summary>Forecast of a multiple of the largest of the last ten samples, for demand that jumps, such as the start of a sale.</summary>
/// <param name="factor">Factor on the largest sample; at least 1.</param>
public sealed class SurgeForecaster(double factor) : IDemandForecaster
{
    private const int Samples = 10;
    private readonly Queue<double> _last = new();

    /// <summary>Registry entry of the forecaster: <c>surge</c>, or <c>surge:2</c>.</summary>
    public static ForecasterEntry Entry { get; } = new("surge", "a multiple of the largest of the last ten samples", x => new SurgeForecaster(x ?? 1.5))
    {
        Figure = "the multiple, default 1.5", Least = 1,
    };

    /// <inheritdoc/>
    public string Name => Entry.Name;

    /// <inheritdoc/>
    public double ForecastQps => _last.Count == 0 ? 0 : factor * _last.Max();

    /// <inheritdoc/>
    public void Observe(double qps)
    {
        _last.Enqueue(qps);
        if (_last.Count > Samples)
            _last.Dequeue();
    }
}
