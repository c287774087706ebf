namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Figure of a comparison.</summary>
/// <param name="Key">Short and stable key, as in JSON: snake case.</param>
/// <param name="Title">Title for table headings.</param>
/// <param name="Unit">Unit of the figure.</param>
/// <param name="Better">Direction in which the figure is better.</param>
/// <param name="Read">Reads the figure from one run.</param>
public sealed record ComparisonMetric(string Key, string Title, MetricUnit Unit, Better Better, Func<PolicyRun, double> Read);
