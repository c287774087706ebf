using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A variant of InfAdapter's service.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accuracy">Top-1 accuracy, 0 to 1.</param>
/// <param name="LoadSeconds">How long it loads, seconds.</param>
/// <param name="CapacityQps">Requests per second within the objective on 0, 1, 2, … cores, as the controller counts on.</param>
internal sealed record InfAdapterVariant(string Name, double Accuracy, double LoadSeconds, ImmutableArray<double> CapacityQps);
