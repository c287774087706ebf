using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Output of an answer.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Datatype">Element type.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Bytes">Bytes of the tensor, little-endian, row-major.</param>
/// <param name="Labels">Class names by index, for tensors that hold class indices; null otherwise.</param>
public sealed record OutputTensor(string Name, Datatype Datatype, long[] Shape, ReadOnlyMemory<byte> Bytes, string? Labels = null)
{
    /// <summary>What its best classes are found in, where that is another tensor; null = itself.</summary>
    internal OutputTensor? Scores { get; init; }

    /// <summary>True where its best classes are told by <see cref="Scores"/> only.</summary>
    internal bool NeedsScores { get; init; }

    /// <summary>Names of the classes that its values belong to; empty = they go by their numbers.</summary>
    internal ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>True for what only a request that names it gets.</summary>
    internal bool IsOnRequest { get; init; }

    /// <summary>False where all of it is one row: the model has no batch dimension.</summary>
    internal bool HasRows { get; init; } = true;
}
