using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Models;

/// <summary>Places of a batch's rows in each of a model's outputs, and whether rows may share a batch at all.</summary>
/// <param name="Outputs">Layout of each output.</param>
/// <param name="Held">Reason why the model answers rows correctly only one at a time; null where it takes batches.</param>
internal sealed record BatchLayout(ImmutableArray<OutputLayout> Outputs, string? Held)
{
    /// <summary>Makes the layout of the declared dimensions, where nothing else is known: the batch first, or no batch dimension at
    /// all.</summary>
    public static BatchLayout Declared(OnnxModel model, string? held = null) => new(
        [.. model.Outputs.Select(o => OutputLayout.First(o, o.Shape.Length > 0 && (o.Shape[0] == model.FixedBatch || (o.Shape[0] < 0 && model.FixedBatch is null))))], held);
}
