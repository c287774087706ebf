using System.Collections.Immutable;

namespace ServerlessLoki.Planning;

/// <summary>Flow of queries along one root-to-leaf choice of variants.</summary>
/// <param name="Pipeline">Index in <see cref="PlanningProblem.Pipelines"/>.</param>
/// <param name="Steps">Task and variant index, root first.</param>
/// <param name="Qps">Root queries per second.</param>
/// <param name="Accuracy">Product of the variants' accuracies, 0..1.</param>
public sealed record PathFlow(int Pipeline, ImmutableArray<PathStep> Steps, double Qps, double Accuracy);

/// <summary>Variant of one task on a path.</summary>
/// <param name="Task">Task index.</param>
/// <param name="Variant">Variant index.</param>
public readonly record struct PathStep(int Task, int Variant);
