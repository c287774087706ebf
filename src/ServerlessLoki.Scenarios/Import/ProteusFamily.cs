using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A family of Proteus' models: an application of one task.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SloMs">Its latency objective, milliseconds.</param>
/// <param name="Variants">Its models with their accuracy in percent of the best.</param>
internal sealed record ProteusFamily(string Name, double SloMs, ImmutableArray<(string Name, double AccuracyPercent)> Variants);
