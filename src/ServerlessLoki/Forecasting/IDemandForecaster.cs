namespace ServerlessLoki.Forecasting;

/// <summary>Forecast of the demand to plan for, from one sample of the demand per control period (normally a second).</summary>
/// <remarks>Not thread-safe: one control loop owns it. To add one: write a class that implements this, and register it with a
/// <see cref="ForecasterEntry"/> where forecasters are named: in the options of the host, or of the scenario reader.</remarks>
public interface IDemandForecaster
{
    /// <summary>Name for status pages, for example <c>ewma</c>.</summary>
    string Name { get; }

    /// <summary>Adds a sample: the arrivals of the last period, rejected queries included.</summary>
    /// <param name="qps">Queries per second; at least 0.</param>
    void Observe(double qps);

    /// <summary>Queries per second to plan for; 0 before the first sample.</summary>
    double ForecastQps { get; }
}
