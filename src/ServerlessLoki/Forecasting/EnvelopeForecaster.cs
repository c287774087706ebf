namespace ServerlessLoki.Forecasting;

/// <summary>
/// InferLine's tuner as a forecaster (InferLine, Tuner): the largest rate of any window that just brought more than it ever
/// did before, else the largest 5-sample mean of the last 30 samples.
/// </summary>
/// <remarks>Windows double from one sample to 60, so a burst shows in the short ones within a sample and a slow rise in the long ones.</remarks>
public sealed class EnvelopeForecaster : IDemandForecaster
{
    private const int Remembered = 120;
    private const int CalmSamples = 30;
    private const int CalmWindow = 5;
    private static readonly int[] Windows = [1, 2, 4, 8, 16, 32, 60];
    private readonly SampleWindow _samples = new(Remembered);

    /// <inheritdoc/>
    public string Name => "envelope";

    /// <inheritdoc/>
    public double ForecastQps
    {
        get
        {
            var forecast = CalmQps();
            foreach (var window in Windows)
            {
                // A window says something about a rise only when there was one like it before.
                if (_samples.Count >= 2 * window && Mean(0, window) is var now && now > Before(window))
                    forecast = Math.Max(forecast, now);
            }

            return forecast;
        }
    }

    /// <inheritdoc/>
    public void Observe(double qps) => _samples.Add(qps);

    private double CalmQps()
    {
        var most = 0.0;
        var count = Math.Min(CalmSamples, _samples.Count);
        for (var from = 0; from < count; from += CalmWindow)
            most = Math.Max(most, Mean(from, Math.Min(CalmWindow, count - from)));
        return most;
    }

    private double Before(int window)
    {
        var most = 0.0;
        for (var from = window; from + window <= _samples.Count; from++)
            most = Math.Max(most, Mean(from, window));
        return most;
    }

    private double Mean(int from, int count)
    {
        var sum = 0.0;
        for (var age = from; age < from + count; age++)
            sum += _samples[age];
        return sum / count;
    }
}
