using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Models;

/// <summary>Where the rows of a batch lie in each of a model's outputs, and whether they may share a batch at all.</summary>
/// <param name="Outputs">By output.</param>
/// <param name="Held">Why the model answers rows right only one at a time; null where it takes batches.</param>
internal sealed record BatchLayout(ImmutableArray<OutputLayout> Outputs, string? Held)
{
    /// <summary>What the declared dimensions say, where nothing else is known: the batch first, or no batch dimension at all.</summary>
    public static BatchLayout Declared(OnnxModel model, string? held = null) => new(
        [.. model.Outputs.Select(o => OutputLayout.First(o, o.Shape.Length > 0 && (o.Shape[0] == model.FixedBatch || (o.Shape[0] < 0 && model.FixedBatch is null))))], held);
}
