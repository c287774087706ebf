using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Measured accuracy of a pipeline's variants and paths.</summary>
/// <param name="Variants">Variants that were measured, by task.</param>
/// <param name="Paths">Paths that were measured, the most accurate first.</param>
/// <param name="Notes">What was not measured, and why.</param>
internal sealed record EvaluationReport(ImmutableArray<VariantScore> Variants, ImmutableArray<PathScore> Paths, ImmutableArray<string> Notes);

/// <summary>Measured accuracy of a variant.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Variant">Name of the variant.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="Score">Accuracy.</param>
/// <param name="Count">Number of samples, or of objects.</param>
/// <param name="Stated">Accuracy that the pipeline file states.</param>
internal sealed record VariantScore(string Task, string Variant, string Metric, Estimate Score, int Count, double Stated)
{
    /// <summary>Mean average precision over ten thresholds; null for other metrics.</summary>
    public double? Strict { get; init; }

    /// <summary>Variants of earlier tasks that its input came from, or what stood in their place; null for the first task.</summary>
    public string? Behind { get; init; }
}

/// <summary>Measured accuracy of a path.</summary>
/// <param name="Variants">Names of its variants, by task.</param>
/// <param name="Score">Accuracy of the last answer, end to end.</param>
/// <param name="Product">Product of the variants' own accuracies, which plans reckon with.</param>
internal sealed record PathScore(ImmutableArray<string> Variants, Estimate Score, double Product)
{
    /// <summary>Mean average precision over ten thresholds; null for other metrics.</summary>
    public double? Strict { get; init; }
}
