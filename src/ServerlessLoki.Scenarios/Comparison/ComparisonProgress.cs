namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Progress of a comparison.</summary>
/// <param name="Share">Share of the simulated time that is done, 0..1.</param>
/// <param name="Done">Runs that have ended.</param>
/// <param name="Runs">Runs in all: policies × seeds.</param>
/// <param name="Label">Policy of the run that reports.</param>
public sealed record ComparisonProgress(double Share, int Done, int Runs, string Label);
