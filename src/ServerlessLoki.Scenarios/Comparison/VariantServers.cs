using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Slots of one variant over time, as planned.</summary>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Task">Task index.</param>
/// <param name="Variant">Variant index.</param>
/// <param name="Name">Name of the variant.</param>
/// <param name="Accuracy">Accuracy of the variant, 0..1.</param>
/// <param name="Slots">Slots under the plan in force at the end of each second.</param>
public sealed record VariantServers(int Pipeline, int Task, int Variant, string Name, double Accuracy, ImmutableArray<int> Slots);
