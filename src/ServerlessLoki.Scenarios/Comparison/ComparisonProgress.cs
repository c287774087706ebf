namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>How far a comparison is.</summary>
/// <param name="Share">Simulated time over all to simulate, 0..1.</param>
/// <param name="Done">Runs that have ended.</param>
/// <param name="Runs">Runs in all: policies × seeds.</param>
/// <param name="Label">Policy of the run that reports.</param>
public sealed record ComparisonProgress(double Share, int Done, int Runs, string Label);
