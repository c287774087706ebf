using System.Collections.Immutable;

namespace ServerlessLoki.Planning;

/// <summary>What a slot holds: the variant whose queue it serves, and all variants that it can run. Two slots with the same content need no load to swap
/// places; one more variant is a load.</summary>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Task">Task index in the pipeline.</param>
/// <param name="Variant">Variant whose queue the slot serves.</param>
/// <param name="Held">All variants that it holds, ascending.</param>
internal readonly record struct SlotContent(int Pipeline, int Task, int Variant, ImmutableArray<int> Held)
{
    /// <summary>The content of each slot of a group.</summary>
    public static SlotContent Of(SlotGroup group) => new(group.Pipeline, group.Task, group.Variant, group.Held);

    /// <inheritdoc/>
    public bool Equals(SlotContent other) => (Pipeline, Task, Variant) == (other.Pipeline, other.Task, other.Variant) && Held.SequenceEqual(other.Held);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Pipeline, Task, Variant, Held.Length);
}
