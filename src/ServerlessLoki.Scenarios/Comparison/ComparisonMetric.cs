namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>One figure of a comparison.</summary>
/// <param name="Key">Short and stable, as in JSON: snake case.</param>
/// <param name="Title">For table headings.</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Better">Which end is good.</param>
/// <param name="Read">Takes it from one run.</param>
public sealed record ComparisonMetric(string Key, string Title, MetricUnit Unit, Better Better, Func<PolicyRun, double> Read);
