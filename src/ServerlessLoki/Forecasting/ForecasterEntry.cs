namespace ServerlessLoki.Forecasting;

/// <summary>A forecaster that options, command lines and scenario files can name, see <see cref="ForecasterRegistry"/>.</summary>
/// <param name="Name">As in <c>--forecaster NAME</c>.</param>
/// <param name="Summary">One line: what it forecasts; no full stop.</param>
/// <param name="Make">Makes a forecaster for one pipeline. The argument is the figure behind the colon; null = none was given.</param>
public sealed record ForecasterEntry(string Name, string Summary, Func<double?, IDemandForecaster> Make)
{
    /// <summary>Meaning of the figure behind the colon, with its default; null = the name takes none.</summary>
    public string? Figure { get; init; }

    /// <summary>Least figure that is allowed; the largest is a million.</summary>
    public double Least { get; init; }
}
